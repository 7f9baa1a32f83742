import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { serveLoopback } from "../../helpers/loopback.ts";
import { adminSecret, CredentialedServer } from "./credentialed-server.ts";
import { basic, digestOf, fetchToken, problemOf, startTeams } from "./teams.ts";

let server: CredentialedServer;
let ours: string;
let theirs: string;
beforeAll(async () => {
  ({ server, ours, theirs } = await startTeams());
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe("a public repository", () => {
  let digest: string;
  beforeAll(async () => {
    await server.settle({ public: ["ours/open*"] });
    digest = await digestOf(
      await server.build(ours, "t=ours/open&t=ours/closed", { Dockerfile: "FROM scratch\nLABEL a=b" }),
    );
  });

  test("can be pulled with a guest's token or without a token", async () => {
    const { token } = await fetchToken(
      server,
      "scope=repository:ours/open:pull,push&scope=repository:ours/closed:pull",
    );
    expect((await server.ask("/v2/")).status).toBe(401);
    expect(await server.statusOf("/v2/", token)).toBe(200);
    for (const secret of [token, undefined]) {
      expect((await server.ask("/v2/ours/open/manifests/latest", {}, secret)).status).toBe(200);
      expect((await server.ask("/v2/ours/closed/manifests/latest", {}, secret)).status).toBe(401);
      expect((await server.ask("/v2/ours/open/blobs/uploads/", { method: "POST" }, secret)).status).toBe(401);
    }
    expect(await (await server.ask("/v2/_catalog", {}, token)).json()).toEqual({
      repositories: ["ours/open"],
    });
    expect((await server.ask("/v1/images/ours/open/latest")).status).toBe(200);
    expect((await server.ask("/v1/images/ours/closed/latest")).status).toBe(401);
  });

  test("can be cached by proxies, and a private one cannot", async () => {
    const cacheControl = async (name: string) =>
      (await server.ask(`/v2/${name}/manifests/${digest}`, {}, ours)).headers.get("cache-control");
    expect(await cacheControl("ours/open")).toMatch(/^public, .*immutable/);
    expect(await cacheControl("ours/closed")).toMatch(/^private, .*immutable/);
    const config = (await (await server.ask(`/v2/ours/closed/manifests/${digest}`, {}, ours)).json()) as {
      config: { digest: string };
    };
    const blob = await server.ask(`/v2/ours/closed/blobs/${config.config.digest}`, {}, ours);
    expect(blob.headers.get("cache-control")).toMatch(/^private/);
  });

  test("a build with several names is visible to callers who may see all of them", async () => {
    const answer = await server.build(ours, "t=ours/open2&t=ours/closed2", {
      Dockerfile: "FROM scratch\nLABEL both=1",
    });
    await answer.arrayBuffer();
    const id = answer.headers.get("varve-build");
    const open = await server.build(ours, "t=ours/open2", { Dockerfile: "FROM scratch\nLABEL one=1" });
    await open.arrayBuffer();
    expect((await server.ask(`/v1/builds/${id}`)).status).toBe(401);
    expect((await server.ask(`/v1/builds/${open.headers.get("varve-build")}`)).status).toBe(200);
  });
});

describe("repositories are isolated", () => {
  const secretLayer = { Dockerfile: "FROM scratch\nCOPY secret /\n", secret: "nobody else's business" };

  test("FROM an image that the caller may not pull fails like FROM a missing image", async () => {
    await digestOf(await server.build(ours, "t=ours/base", secretLayer));
    const { host } = new URL(server.url);
    const from = (name: string) => ({ Dockerfile: `FROM ${host}/${name}\n` });
    expect((await server.build(ours, "t=ours/app", from("ours/base"))).status).toBe(200);
    const [there, absent] = await Promise.all(
      ["ours/base", "ours/none"].map(async (name) => {
        const { status, detail } = await problemOf(await server.build(theirs, "t=theirs/app", from(name)));
        return { status, detail: detail.replaceAll(name, "NAME") };
      }),
    );
    expect(there).toEqual(absent);
    expect(there).toMatchObject({ status: 400, detail: expect.stringContaining("not found") });
    for (const Dockerfile of [
      `FROM scratch\nCOPY --from=${host}/ours/base / /\n`,
      `FROM ${host}/ours/base@${"x"}\n`,
    ])
      expect((await server.build(theirs, "t=theirs/app", { Dockerfile })).status).toBe(400);
    const contexts = encodeURIComponent(JSON.stringify({ base: `docker-image://${host}/ours/base` }));
    expect(
      (await server.build(theirs, `t=theirs/app&contexts=${contexts}`, { Dockerfile: "FROM base\n" })).status,
    ).toBe(400);
  });

  test("a non-distributable layer is not read from another repository", async () => {
    const digest = await digestOf(await server.build(ours, "t=ours/base", secretLayer));
    const { layers, config } = (await (
      await server.ask(`/v2/ours/base/manifests/${digest}`, {}, ours)
    ).json()) as {
      layers: { digest: string; size: number }[];
      config: { digest: string; size: number };
    };
    const configBytes = await (await server.ask(`/v2/ours/base/blobs/${config.digest}`, {}, ours)).text();
    // A config that the caller sent is not secret; the layer is only named, not sent.
    await server.ask(
      `/v2/theirs/x/blobs/uploads/?digest=${config.digest}`,
      { method: "POST", body: configBytes },
      theirs,
    );
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { ...config, mediaType: "application/vnd.oci.image.config.v1+json" },
      layers: [{ ...layers[0], mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" }],
    });
    const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
    expect(
      await server.statusOf("/v2/theirs/x/manifests/1", theirs, { method: "PUT", headers, body: manifest }),
    ).toBe(201);
    const { host } = new URL(server.url);
    const built = await server.build(theirs, "t=theirs/y", {
      Dockerfile: `FROM ${host}/theirs/x:1\nLABEL a=b\n`,
    });
    expect(built.status).toBe(400);
    expect(await server.statusOf("/v1/images/theirs/x/1/files?path=secret", theirs)).toBe(422);
    // Docker's API shows the size of the files in a layer.
    const { Size } = (await (await server.ask("/images/theirs/x:1/json", {}, theirs)).json()) as {
      Size: number;
    };
    expect(Size).toBe(layers[0]?.size);
    const listed = async (secret: string, tag: string) => {
      const answer = await server.ask("/images/json", {}, secret);
      const images = (await answer.json()) as { RepoTags: string[]; Size: number }[];
      return images.find(({ RepoTags }) => RepoTags.includes(tag))?.Size;
    };
    expect(await listed(ours, "ours/base:latest")).toBe("nobody else's business".length);
    expect(await listed(theirs, "theirs/x:1")).toBe(layers[0]?.size);
    expect(await server.statusOf(`/v2/theirs/x/blobs/${layers[0]?.digest}`, theirs)).toBe(404);
  });

  test("a context, main or named, is found by digest only in the scope that it was sent to", async () => {
    const listing =
      '["f","file",420,0,0,0,"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]\n';
    const posted = await server.ask("/v1/contexts?scope=ours/app", { method: "POST", body: listing }, ours);
    const { digest, missing } = (await posted.json()) as { digest: string; missing: string[] };
    expect(missing).toEqual([]);
    const named = (secret: string, tag: string) =>
      server.ask(
        `/v1/builds?t=${tag}`,
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            dockerfile: "FROM scratch\nCOPY --from=x f /\n",
            options: { contexts: { x: digest } },
          }),
        },
        secret,
      );
    expect((await named(ours, "ours/app")).status).toBe(200);
    expect(await problemOf(await named(theirs, "theirs/app"))).toMatchObject({
      status: 404,
      code: "context-unknown",
    });
    expect(await problemOf(await named(ours, "ours/other"))).toMatchObject({
      status: 404,
      code: "context-unknown",
    });
    expect(await server.statusOf(`/v1/contexts/${digest}?scope=theirs/app`, theirs)).toBe(404);
    expect(await server.statusOf(`/v1/contexts/${digest}?scope=ours/app`, theirs)).toBe(403);
  });

  test("names in the body are checked like names in the query", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({
      dockerfile: "FROM scratch\nLABEL x=y",
      options: { tags: ["ours/stolen"] },
    });
    const response = await server.ask("/v1/builds?t=theirs/app", { method: "POST", headers, body }, theirs);
    // The query takes precedence.
    expect(response.status).toBe(200);
    const { token } = await server.createToken("build:builds");
    expect(await server.statusOf("/v1/builds", token, { method: "POST", headers, body })).toBe(403);
    expect(await server.statusOf("/v2/ours/stolen/tags/list", ours)).toBe(404);
  });

  test("a blob is mounted from any repository that the caller may pull, named or not", async () => {
    const body = "a blob of ours";
    const digest = sha256(body);
    await server.ask(`/v2/ours/blobs/blobs/uploads/?digest=${digest}`, { method: "POST", body }, ours);
    const mount = (name: string, secret: string, from: string) =>
      server.statusOf(`/v2/${name}/blobs/uploads/?mount=${digest}${from}`, secret, { method: "POST" });
    expect(await mount("ours/a", ours, "&from=ours/blobs")).toBe(201);
    expect(await mount("ours/b", ours, "")).toBe(201);
    for (const from of ["&from=ours/blobs", "&from=ours/none", ""])
      expect(await mount("theirs/a", theirs, from)).toBe(202);
    expect(await server.statusOf(`/v2/theirs/a/blobs/${digest}`, theirs, { method: "HEAD" })).toBe(404);
    // A token of the registry for the target alone does not reach the source.
    const { token } = await fetchToken(server, "scope=repository:ours/c:pull,push", { headers: basic(ours) });
    expect(await mount("ours/c", token, "&from=ours/blobs")).toBe(202);
  });
});

test("only a caller who may pull an image gets the hint that this server has it", async () => {
  await using mirror = await serveLoopback((_, response) => void response.writeHead(404).end());
  await using alone = await CredentialedServer.start({
    VARVE_MIRRORS: JSON.stringify({ "docker.io": mirror.origin }),
  });
  const owner = (await alone.createToken("push,build,pull:ours/*")).token;
  const other = (await alone.createToken("push,build,pull:theirs/*")).token;
  const post = (secret: string, query: string, dockerfile: string) => {
    const body = contextOf({ Dockerfile: dockerfile });
    return alone.ask(`/v1/builds?${query}`, { method: "POST", body }, secret);
  };
  expect((await post(owner, "t=ours/base", "FROM scratch\nLABEL a=1\n")).status).toBe(200);
  const hint = async (secret: string, name: string) =>
    ((await (await post(secret, `t=${name}`, "FROM ours/base\n")).json()) as { hint?: string }).hint;
  expect(await hint(owner, "ours/app")).toContain(`write ${new URL(alone.url).host}/ours/base`);
  expect(await hint(other, "theirs/app")).toContain("If docker.io/ours/base:latest is private");
});

describe("an archive of images", () => {
  const load = (path: string, secret: string) =>
    server.statusOf(path, secret, { method: "POST", body: "this is no archive" });

  test("is not read when the caller may push to no repository", async () => {
    const { token } = await server.createToken("pull:ours/*");
    expect(await load("/v1/images/load", token)).toBe(403);
    expect(await load("/images/load", token)).toBe(403);
    expect(await load("/v1/images/load?t=theirs/a:1", ours)).toBe(403);
    expect(await load("/v1/images/load?t=ours/a:1", ours)).toBe(400);
    expect(await load("/images/load", ours)).toBe(400);
  });
});

test("the history of a build is for callers who may pull all of its images", async () => {
  const query = "t=ours/history:1&t=theirs/history:1";
  const dockerfile = { Dockerfile: "FROM scratch\nCOPY hidden-name /\n", "hidden-name": "x" };
  const answer = await server.build(adminSecret, query, dockerfile);
  const id = answer.headers.get("varve-build") ?? "";
  await digestOf(answer);
  await server.build(ours, "t=ours/history:2", { Dockerfile: "FROM scratch\nCOPY own /\n", own: "x" });
  const shownTo = async (secret: string) => {
    // The end of a run is listed after its result.
    for (let tries = 0; ; tries++) {
      const texts = await Promise.all(
        ["/v1/insights?image=ours/history", "/v1/builds?image=ours/history", `/v1/builds/${id}/runs`].map(
          async (path) => (await server.ask(path, {}, secret)).text(),
        ),
      );
      if (/COPY own|"code"/.test(texts[0] ?? "") || tries === 100) return texts.join("\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = await shownTo(adminSecret);
  expect(all).toMatch(/COPY hidden-name/);
  expect(all).toContain(id);
  const seen = await shownTo(ours);
  expect(seen).toContain("COPY own");
  expect(seen).not.toMatch(/hidden-name|theirs/);
  expect(await shownTo(theirs)).not.toMatch(/hidden-name|COPY own/);
});
