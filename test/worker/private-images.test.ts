/// <reference types="@cloudflare/vitest-plugin/types" />
import { abortAllDurableObjects } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { fakeRegistry } from "../registry/fake-registry.ts";
import { fileImage, type TestImage } from "../registry/test-image.ts";
import { serve } from "./network.ts";
import {
  ask,
  build,
  builtBy,
  endedRecordOf,
  env,
  eventsOf,
  postBuild,
  problemIn,
  recordOf,
  storedKeys,
  textOf,
} from "./server.ts";

const user = "zaphod";
const password = "s3cret-b33blebrox";
const basic = `Basic ${btoa(`${user}:${password}`)}`;

/** A registry `<name>.example.com` that serves `team/base:1` only to clients with the password. */
function privateRegistry(
  name: string,
  image: TestImage,
  access: "basic" | "token" = "basic",
  tokenHost = `${name}.example.com`,
) {
  const host = `${name}.example.com`;
  let hold: Promise<void> | undefined;
  let held = 0;
  const registry = fakeRegistry("team/base", "1", image, async (request) => {
    const { pathname } = new URL(request.url);
    const authorization = request.headers.get("authorization");
    if (access === "token" && pathname === "/token") {
      const isRight = authorization === basic;
      return isRight ? Response.json({ token: `for-${name}` }) : new Response(null, { status: 401 });
    }
    if (authorization !== (access === "basic" ? basic : `Bearer for-${name}`)) {
      const challenge =
        access === "basic" ? 'Basic realm="x"' : `Bearer realm="https://${tokenHost}/token",service="x"`;
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    }
    if (pathname.endsWith(image.blobs.at(-1)?.descriptor.digest ?? "") && hold !== undefined) {
      held++;
      await hold;
    }
    return undefined;
  });
  for (const each of new Set([host, tokenHost])) serve(`https://${each}`, registry);
  return {
    reference: `${host}/team/base:1`,
    digest: image.descriptor.digest,
    host,
    /** Blobs wait from now on, until the function that is returned is called. */
    holdBlobs() {
      let isOpen = false;
      hold = (async () => {
        while (!isOpen) await new Promise((resolve) => setTimeout(resolve, 5));
      })();
      return () => {
        isOpen = true;
        hold = undefined;
      };
    },
    async waiting() {
      while (held === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}

/** What docker sends. */
function loginTo(host: string, secret = password): Record<string, string> {
  const config = JSON.stringify({ [host]: { username: user, password: secret } });
  return { "x-registry-config": btoa(config).replaceAll("+", "-").replaceAll("/", "_") };
}

const from = (reference: string): ContextFiles => ({ Dockerfile: `FROM ${reference}\nCOPY a /a\n`, a: "a" });
const copyFrom = (reference: string): ContextFiles => ({
  Dockerfile: `FROM scratch\nCOPY --from=${reference} / /\n`,
});

describe.each(["basic", "token"] as const)("a registry with %s access", (access) => {
  const image = fileImage({ secret: `for ${access}` });
  const { reference, host } = privateRegistry(`reg-${access}`, image, access);

  test("rejects a build without credentials: the problem names the host and explains the login", async () => {
    const problem = await problemIn(await postBuild(from(reference), { t: `no-${access}` }));
    expect(problem).toMatchObject({ status: 400, code: "base-unavailable", registry: host });
    expect(problem.hint).toContain(`docker login ${host}`);
  });

  test("rejects wrong credentials, and the problem does not contain them", async () => {
    const answer = await postBuild(from(reference), { t: `no-${access}` }, loginTo(host, "wr0ng-secret"));
    const problem = await problemIn(answer);
    expect(problem).toMatchObject({ code: "base-unavailable", registry: host });
    expect(JSON.stringify(problem)).not.toContain("wr0ng-secret");
  });

  test.each([
    ["FROM", from],
    ["COPY --from", copyFrom],
  ])("serves %s with the credentials of the request", async (_, files) => {
    const { manifest } = await builtBy(
      await postBuild(files(reference), { t: `yes-${access}` }, loginTo(host)),
    );
    expect(manifest.layers.length).toBeGreaterThan(0);
    if (files === from) expect(manifest.layers[0]?.digest).toBe(image.blobs[1]?.descriptor.digest);
  });
});

test("a token service on another site receives the password only if VARVE_REALMS names it", async () => {
  const token = "auth.example.net";
  const trusting = privateRegistry("reg-trusting", fileImage({ who: "trusting" }), "token", token);
  const built = await postBuild(from(trusting.reference), { t: "trusting" }, loginTo(trusting.host));
  expect((await builtBy(built)).manifest.layers.length).toBe(2);
  const other = privateRegistry("reg-other", fileImage({ who: "other" }), "token", token);
  const problem = await problemIn(
    await postBuild(from(other.reference), { t: "other" }, loginTo(other.host)),
  );
  expect(problem.code).toBe("base-unavailable");
  expect(problem.title).toContain("VARVE_REALMS=");
});

test("malformed credentials are rejected, and the error does not contain them", async () => {
  const answer = await postBuild(from("scratch"), {}, { "x-registry-config": "%%hunter2" });
  const problem = await problemIn(answer);
  expect(problem).toMatchObject({ status: 400, code: "invalid-request" });
  expect(JSON.stringify(problem)).not.toContain("hunter2");
});

test("a private image is not readable without credentials: by tag, by digest or in a rebuild", async () => {
  const { reference, host, digest } = privateRegistry("closed", fileImage({ secret: "closed" }));
  const byDigest = `${host}/team/base@${digest}`;
  await builtBy(await postBuild(from(reference), { t: "closed" }, loginTo(host)));
  for (const name of [reference, byDigest])
    for (const files of [from(name), copyFrom(name)])
      for (const t of ["closed", "other"])
        expect(await problemIn(await postBuild(files, { t }))).toMatchObject({ code: "base-unavailable" });
  const again = await builtBy(await postBuild(from(reference), { t: "closed" }, loginTo(host)));
  expect((await eventsOf(again.id)).map(({ type }) => type)).not.toContain("step.done");
  expect((await storedKeys("upstreams/")).filter((key) => key.includes(host))).toEqual([]);
});

test("another registry with the same manifest gives no access to cached private layers", async () => {
  const image = fileImage({ secret: "repeated" });
  const { reference, host } = privateRegistry("original", image);
  const { manifest } = await builtBy(await postBuild(copyFrom(reference), { t: "owner" }, loginTo(host)));
  expect(manifest.layers).toHaveLength(1);
  const layer = image.blobs[1]?.descriptor.digest ?? "";
  // It also claims to have the layer.
  const copied = fakeRegistry("x", "1", image, ({ method, url }) =>
    url.endsWith(layer) && method === "GET" ? new Response("x".repeat(64), { status: 206 }) : undefined,
  );
  serve("https://copied.example.com", copied);
  for (const files of [copyFrom("copied.example.com/x:1"), from("copied.example.com/x:1")])
    expect(await problemIn(await postBuild(files, { t: "thief" }))).toMatchObject({
      code: "base-unavailable",
    });
});

test("public images fetched with credentials are shared", async () => {
  const image = fileImage({ secret: "public" });
  serve("https://public.example.com", fakeRegistry("team/base", "1", image));
  await builtBy(
    await postBuild(from("public.example.com/team/base:1"), { t: "pub" }, loginTo("public.example.com")),
  );
  expect((await storedKeys("upstreams/public.example.com/")).length).toBeGreaterThan(0);
  await build(from("public.example.com/team/base:1"), { t: "pub2" });
});

test("credentials are not stored", async () => {
  const { reference, host } = privateRegistry("nowhere", fileImage({ secret: "nowhere" }));
  const { id } = await builtBy(
    await postBuild(from(reference), { t: "nowhere", provenance: "mode=max" }, loginTo(host)),
  );
  const { keys } = await env.CACHE.list();
  const values = await Promise.all(keys.map(async ({ name }) => `${name} ${await env.CACHE.get(name)}`));
  const blobs = await Promise.all(
    (await storedKeys()).map(async (key) => `${key} ${await (await env.BUCKET.get(key))?.text()}`),
  );
  const everything = [
    JSON.stringify([await recordOf(id), await eventsOf(id)]),
    await textOf(await ask(`/v1/builds/${id}/explain`)),
    ...values,
    ...blobs,
  ].join("\n");
  for (const secret of [
    password,
    user,
    btoa(`${user}:${password}`),
    loginTo(host)["x-registry-config"] ?? "",
  ])
    expect(everything.includes(secret), secret).toBe(false);
});

test("a restart loses credentials: the problem names the registry, and the next request succeeds", async () => {
  const { reference, host, holdBlobs, waiting } = privateRegistry(
    "restart",
    fileImage({ secret: "restart" }),
  );
  const open = holdBlobs();
  const files: ContextFiles = {
    Dockerfile: `FROM ${reference}\nWORKDIR /secret-folder\nCOPY a /a\n`,
    a: "a",
  };
  const answer = await postBuild(files, { t: "restart" }, { ...loginTo(host), prefer: "respond-async" });
  const id = answer.headers.get("varve-build") ?? "";
  await waiting();
  await abortAllDurableObjects();
  const { state, problem } = await endedRecordOf(id);
  expect([state, problem?.code]).toEqual(["failed", "credentials-lost"]);
  expect(problem?.detail).toContain(host);
  open();
  expect(await builtBy(await postBuild(files, { t: "restart" }, loginTo(host)))).toMatchObject({ id });
});
