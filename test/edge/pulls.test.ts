import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessSettings, CreatedToken } from "../../schemas/access.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";

/** Milliseconds after which a change of access applies everywhere, as docs/access.md says. */
const MAX_MS = 5_000;
/** Milliseconds for the requests themselves on a busy machine. */
const SLACK_MS = 5_000;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 }, { VARVE_SIGNING_KEY: "a-key-of-the-lab-that-signs-its-tokens" });
  for (const tag of ["lib/app:1", "team/app:1"]) {
    const body = contextOf({
      Dockerfile: "FROM scratch\nCOPY a /\nCOPY b /\nCOPY c /\n",
      a: tag,
      b: "b",
      c: "c",
    });
    const answer = await lab.fetch(`/v1/builds?t=${tag}`, { method: "POST", body });
    expect(answer.status, await answer.text()).toBe(200);
  }
  await setAccess({ public: ["lib/*"] });
});
afterAll(() => lab[Symbol.asyncDispose]());

async function setAccess(settings: Partial<AccessSettings>): Promise<void> {
  const answer = await lab.fetch("/v1/access", { method: "PUT", body: JSON.stringify(settings) });
  expect(answer.status, await answer.text()).toBe(200);
}

async function createToken(): Promise<CreatedToken> {
  const body = JSON.stringify({ name: "pulls", scopes: ["pull:team/*"] });
  const answer = await lab.fetch("/v1/tokens", { method: "POST", body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as CreatedToken;
}

type Ask = Lab["fetch"];

/** Pulls an image: its manifest and all its blobs. */
async function pull(name: string, authorization: string, ask: Ask = lab.fetch): Promise<number> {
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const answer = await ask(`/v2/${name}/manifests/1`, { headers: { accept, authorization } });
  const text = await answer.text();
  if (answer.status !== 200) return answer.status;
  const { config, layers } = JSON.parse(text) as { config: { digest: string }; layers: { digest: string }[] };
  expect(layers).toHaveLength(3);
  for (const { digest } of [config, ...layers]) {
    const blob = await ask(`/v2/${name}/blobs/${digest}`, { headers: { authorization } });
    expect(blob.status).toBe(200);
    await blob.arrayBuffer();
  }
  return 200;
}

/** Gets a token of the registry, as docker does before it pulls. */
async function registryToken(name: string, authorization: string, ask: Ask = lab.fetch): Promise<string> {
  const query = new URLSearchParams({ service: lab.host, scope: `repository:${name}:pull` });
  const answer = await ask(`/v2/token?${query}`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  return `Bearer ${((await answer.json()) as { token: string }).token}`;
}

/** Calls of Durable Objects during an action, but for those that send metrics after it. */
async function objectCalls(action: () => Promise<void>): Promise<number> {
  const count = async () => {
    // An isolate that has just started has counted no calls.
    const { Metrics: _, ...calls } = (await lab.observed()).objectCalls ?? {};
    return Object.values(calls).reduce((sum, number) => sum + number, 0);
  };
  const before = await count();
  await action();
  return (await count()) - before;
}

const basic = (secret: string) => `Basic ${btoa(`:${secret}`)}`;

/** Pulls with each kind of credential. */
function pullsWith(token: string): Record<string, () => Promise<void>> {
  return {
    anonymous: async () => expect(await pull("lib/app", "")).toBe(200),
    "anonymous, as docker": async () => {
      expect(await pull("lib/app", await registryToken("lib/app", ""))).toBe(200);
    },
    "a token": async () => expect(await pull("team/app", basic(token))).toBe(200),
    "a token, as docker": async () => {
      expect(await pull("team/app", await registryToken("team/app", basic(token)))).toBe(200);
    },
  };
}

const none = { anonymous: 0, "anonymous, as docker": 0, "a token": 0, "a token, as docker": 0 };

test("pulls call no Durable Object, not even the first ones of an isolate", async () => {
  const { id, token } = await createToken();
  // The first use of a day is recorded in the background.
  expect(await pull("team/app", basic(token))).toBe(200);
  const bucket = await lab.bucket();
  const copy = async () => (await bucket.get(`access/tokens/${id}`))?.text();
  await expect.poll(copy, { timeout: 20_000 }).toContain('"used"');
  await setAccess({ public: ["lib/*"] });
  await lab.restart();
  const calls: Record<string, number> = {};
  for (const [name, act] of Object.entries(pullsWith(token))) calls[name] = await objectCalls(act);
  expect(calls).toEqual(none);
});

/** Requests a manifest at the other location until the answer has a status. */
async function untilElsewhere(status: number, name: string, authorization: string): Promise<void> {
  const began = Date.now();
  for (;;) {
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json", authorization };
    const answer = await lab.fetchElsewhere(`/v2/${name}/manifests/1`, { headers });
    await answer.body?.cancel();
    if (answer.status === status) return;
    expect(Date.now() - began).toBeLessThan(MAX_MS + SLACK_MS);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("a revoked token is rejected at once where it was revoked, and elsewhere within the bound", async () => {
  const { id, token } = await createToken();
  const tokens = [basic(token), await registryToken("team/app", basic(token), lab.fetchElsewhere)];
  for (const shown of tokens) {
    expect(await pull("team/app", shown)).toBe(200);
    expect(await pull("team/app", shown, lab.fetchElsewhere)).toBe(200);
  }
  expect((await lab.fetch(`/v1/tokens/${id}`, { method: "DELETE" })).status).toBe(200);
  for (const shown of tokens) expect(await pull("team/app", shown)).toBe(401);
  for (const shown of tokens) await untilElsewhere(401, "team/app", shown);
});

test("a new token is accepted everywhere at once", async () => {
  const { token } = await createToken();
  expect(await pull("team/app", basic(token), lab.fetchElsewhere)).toBe(200);
});

test("a change of public repositories takes effect everywhere within the bound", async () => {
  expect(await pull("lib/app", "", lab.fetchElsewhere)).toBe(200);
  await setAccess({ public: [] });
  expect(await pull("lib/app", "")).toBe(401);
  await untilElsewhere(401, "lib/app", "");
  await setAccess({ public: ["lib/*"] });
  await untilElsewhere(200, "lib/app", "");
});
