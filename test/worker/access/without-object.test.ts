import { beforeEach, expect, test } from "vitest";
import { accessSettings } from "../../../schemas/access.ts";
import { accessObject } from "../../../src/worker/access/access-service.ts";
import { forgetAccess, identifyCaller, issueToken } from "../../../src/worker/access/callers.ts";
import { configuredOf } from "../../../src/worker/access/configured.ts";
import type { Env } from "../../../src/worker/environment.ts";
import { env } from "../server.ts";

// For pulls, a Worker identifies callers by copies that the object `Access` has written. It never waits for the object.

/** Requests to an object that fails. */
let asked: string[];
/** The environment of an isolate that has just started, with that object. */
let silent: Env;

beforeEach(() => {
  forgetAccess();
  asked = [];
  const methods = new Proxy(
    {},
    {
      get: (_, method) => () => {
        asked.push(String(method));
        return Promise.reject(new Error("the object does not answer"));
      },
    },
  );
  const ACCESS = { getByName: () => methods } as unknown as Env["ACCESS"];
  silent = { ...env, ACCESS };
});

const configured = (key: string) =>
  configuredOf({ VARVE_ADMIN_TOKEN: "an-admin-of-tests", VARVE_SIGNING_KEY: key });
const first = configured("the first key that signs tokens of this server");
const shown = (secret?: string) => ({
  credential: secret === undefined ? undefined : ({ scheme: "bearer", secret } as const),
  address: "192.0.2.1",
});
const pull = (secret?: string) => ({ ...shown(secret), scopes: ["repository:team/app:pull"], offline: true });
const createToken = () => accessObject(env).createToken({ name: "pulls", scopes: ["pull:team/*"] });

test("the first use of a new token waits for no object, and is recorded in the background once", async () => {
  await accessObject(env).keepSettings(accessSettings.parse({}));
  const { id, token } = await createToken();
  for (let times = 0; times < 3; times++) {
    const identified = await identifyCaller(shown(token), silent, first);
    expect(identified).toMatchObject({ caller: { kind: "token", standing: { subject: { id } } } });
  }
  expect(asked).toEqual(["renewToken"]);
  await accessObject(env).renewToken(id);
  expect((await accessObject(env).tokens()).find((one) => one.id === id)?.used).toBe(
    new Date().toISOString().slice(0, 10),
  );
  forgetAccess();
  asked = [];
  expect(await identifyCaller(shown(token), silent, first)).toHaveProperty("caller");
  expect(asked).toEqual([]);
});

test("tokens of the registry are issued and verified without the object", async () => {
  await accessObject(env).keepSettings(accessSettings.parse({ public: ["lib/*"] }));
  const { id, token } = await createToken();
  await accessObject(env).renewToken(id);
  for (const secret of [token, undefined, "an-admin-of-tests"]) {
    const issued = await issueToken(pull(secret), silent, first);
    if ("refusal" in issued) throw new Error(issued.refusal.detail);
    for (const signed of [issued.token, issued.refreshToken ?? issued.token]) {
      expect(await identifyCaller(shown(signed), silent, first)).toHaveProperty("caller");
    }
  }
  expect(asked).toEqual([]);
});

test("a token of the object's own key stays valid when a signing key is configured", async () => {
  const issued = await issueToken(pull("an-admin-of-tests"), env, configured(""));
  if ("refusal" in issued) throw new Error(issued.refusal.detail);
  for (const secret of [issued.token, issued.refreshToken ?? ""]) {
    expect(await identifyCaller(shown(secret), env, first)).toMatchObject({ caller: { kind: "admin" } });
  }
});

test("a token of another signing key is rejected", async () => {
  const issued = await issueToken(
    pull("an-admin-of-tests"),
    env,
    configured("another key that signs tokens of a server"),
  );
  if ("refusal" in issued) throw new Error(issued.refusal.detail);
  expect(await identifyCaller(shown(issued.token), env, first)).toMatchObject({
    refusal: { reason: "unknown" },
  });
});

test("a key that is too short is rejected", () => {
  expect(() => configured("x".repeat(31))).toThrow("VARVE_SIGNING_KEY has fewer than 32 bytes");
});

test("the copy of a token that was revoked is removed when it is used again", async () => {
  const { id, token } = await createToken();
  const copy = await env.BUCKET.get(`access/tokens/${id}`);
  const bytes = await copy?.arrayBuffer();
  await accessObject(env).revoke(id);
  // As after a backup was restored, or when the copy could not be removed.
  await env.BUCKET.put(`access/tokens/${id}`, bytes ?? null);
  forgetAccess();
  expect(await identifyCaller(shown(token), env, first)).toHaveProperty("caller");
  await expect.poll(() => env.BUCKET.head(`access/tokens/${id}`)).toBeNull();
  forgetAccess();
  expect(await identifyCaller(shown(token), env, first)).toHaveProperty("refusal");
});

test("a revocation that was interrupted can be repeated", async () => {
  const { id, token } = await createToken();
  const copy = await env.BUCKET.get(`access/tokens/${id}`);
  const bytes = await copy?.arrayBuffer();
  await accessObject(env).revoke(id);
  await env.BUCKET.put(`access/tokens/${id}`, bytes ?? null);
  expect(await accessObject(env).revoke(id)).toMatchObject({ id });
  expect(await identifyCaller(shown(token), env, first)).toHaveProperty("refusal");
  expect(await accessObject(env).revoke(id)).toBeUndefined();
});
