import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildRecord } from "../../../schemas/build.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import { Service } from "../../../src/client/service.ts";
import { PERMIT_MS } from "../../../src/worker/http/while-permitted.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { adminSecret, CredentialedServer } from "./credentialed-server.ts";

/** Milliseconds after which a response ends whose receiver has lost its right. */
const MAX_MS = 8_000;

let server: CredentialedServer;
beforeAll(async () => {
  server = await CredentialedServer.start({ VARVE_RUNNER_WAIT: "60" });
});
afterAll(() => server[Symbol.asyncDispose]());

/** A build that waits for a runner that never connects. */
const waiting = (name: string) => contextOf({ Dockerfile: `FROM scratch\nRUN ${name}\n` });

const begin = (name: string, secret: string, headers: Record<string, string>) =>
  server.ask(`/v1/builds?t=${name}`, { method: "POST", body: waiting(name), headers }, secret);

async function stateOf(id: string): Promise<BuildRecord["state"]> {
  return ((await (await server.order("GET", `/v1/builds/${id}`)).json()) as BuildRecord).state;
}

/** Reads up to a word, then measures the time of the rest. */
async function restAfter(response: Response, word: string, act: () => Promise<unknown>) {
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (!text.includes(word)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`It ended without "${word}": ${text}`);
    text += value;
  }
  await act();
  const began = Date.now();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text, milliseconds: Date.now() - began };
    text += value;
  }
}

const revoked = expect.objectContaining({
  status: 401,
  code: "credential-invalid",
  detail: expect.stringContaining("revoked"),
  hint: expect.stringContaining("The build continues"),
});

describe.concurrent("a build's event stream ends", () => {
  test("when the reader's token is revoked: NDJSON, with a final event that states the reason", async () => {
    const { token, id } = await server.createToken("build:a/*");
    const answer = await begin("a/lines", token, { accept: "application/x-ndjson" });
    const { text, milliseconds } = await restAfter(answer, "step.waiting", () =>
      server.order("DELETE", `/v1/tokens/${id}`),
    );
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as BuildEvent);
    expect(events.at(-1)).toMatchObject({ type: "error", problem: revoked });
    expect(events.at(-1)?.seq).toBe(events.at(-2)?.seq);
    expect(milliseconds).toBeLessThan(MAX_MS);
    const build = answer.headers.get("varve-build") ?? "";
    expect(await stateOf(build)).toBe("running");
    await server.order("DELETE", `/v1/builds/${build}`);
  });

  test("when the reader's token expires: server-sent events of a follower", async () => {
    const begun = await begin("a/expires", adminSecret, { prefer: "respond-async" });
    const build = begun.headers.get("varve-build") ?? "";
    const expires = new Date(Date.now() + 2_000).toISOString();
    const { token } = await server.createTokenAs({ name: "", scopes: ["pull:a/expires"], expires });
    const headers = { accept: "text/event-stream" };
    const answer = await server.ask(`/v1/builds/${build}/events`, { headers }, token);
    const { text, milliseconds } = await restAfter(answer, "step.waiting", async () => {});
    const last = text.trimEnd().split("\n\n").at(-1) ?? "";
    expect(last).toMatch(/^event: error$/m);
    expect(last).toContain('"code":"credential-expired"');
    expect(milliseconds).toBeLessThan(2_000 + MAX_MS);
    // Callers with access continue from that event.
    const id = /^id: (\d+)$/m.exec(last)?.[1] ?? "";
    await server.order("DELETE", `/v1/builds/${build}`);
    const rest = await server.ask(
      `/v1/builds/${build}/events`,
      { headers: { "last-event-id": id } },
      adminSecret,
    );
    expect(JSON.parse(await rest.text())).toMatchObject({
      seq: Number(id) + 1,
      problem: { code: "cancelled" },
    });
  });

  test("when the rights are withdrawn: the repository is no longer public", async () => {
    await server.settle({ public: ["a/public"] });
    const begun = await begin("a/public", adminSecret, { prefer: "respond-async" });
    const build = begun.headers.get("varve-build") ?? "";
    const answer = await server.ask(`/v1/builds/${build}/events`);
    const { text, milliseconds } = await restAfter(answer, "step.waiting", () =>
      server.settle({ public: [] }),
    );
    expect(text.trimEnd().split("\n").at(-1)).toContain('"code":"credential-missing"');
    expect(milliseconds).toBeLessThan(MAX_MS);
    await server.order("DELETE", `/v1/builds/${build}`);
  });

  test("also where a manifest is the response, and in the Engine API", async () => {
    const { token, id } = await server.createToken("build:a/*");
    const manifest = begin("a/manifest", token, {});
    const list = async () => (await server.order("GET", "/v1/builds")).text();
    while (!(await list()).includes("a/manifest")) await new Promise((resolve) => setTimeout(resolve, 50));
    const docker = server.ask(
      "/v1.47/build?t=a/docker",
      { method: "POST", body: waiting("a/docker") },
      token,
    );
    const { text } = await restAfter(await docker, "RUN a/docker", () =>
      server.order("DELETE", `/v1/tokens/${id}`),
    );
    expect(text.trimEnd().split("\n").at(-1)).toMatch(/"error":".*revoked/);
    const answer = await manifest;
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: "credential-invalid" }),
    ]);
  });

  test("in every format, and until then events arrive without delay", async () => {
    const accept = "text/plain";
    const { token, id } = await server.createToken("build:a/*");
    const answer = await begin("a/text", token, { accept, "accept-encoding": "gzip, br" });
    const { text } = await restAfter(answer, "waiting for a runner", () =>
      server.order("DELETE", `/v1/tokens/${id}`),
    );
    expect(text).toMatch(/ERROR: .*revoked/);
  });

  test("and the client reports the reason", async () => {
    const { token, id } = await server.createToken("build:a/*");
    const service = new Service(server.url, { authorization: `Bearer ${token}` });
    const { events } = await service.build({
      context: undefined,
      dockerfile: "FROM scratch\nRUN a/client\n",
      options: { tags: ["a/client"] },
    });
    const seen: BuildEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type === "step.waiting") await server.order("DELETE", `/v1/tokens/${id}`);
    }
    expect(seen.at(-1)).toMatchObject({ type: "error", problem: revoked });
  });

  test("only then: it continues while the token is valid", async () => {
    const { token } = await server.createToken("build:a/*");
    const answer = await begin("a/good", token, { accept: "application/x-ndjson" });
    const build = answer.headers.get("varve-build") ?? "";
    const { text } = await restAfter(answer, "step.waiting", async () => {
      // Longer than the interval of the check.
      await new Promise((resolve) => setTimeout(resolve, PERMIT_MS + 1_000));
      await server.order("DELETE", `/v1/builds/${build}`);
    });
    expect(text.trimEnd().split("\n").at(-1)).toContain('"code":"cancelled"');
  });
});
