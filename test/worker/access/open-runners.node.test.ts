import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../../schemas/runner.ts";
import type { ToRunner } from "../../../schemas/runner-messages.ts";
import { contextsOf } from "../../../schemas/task-needs.ts";
import { contextKey } from "../../../src/context/store.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { Issuer } from "../../helpers/issuer.ts";
import { adminSecret, CredentialedServer } from "./credentialed-server.ts";

/** RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;

let server: CredentialedServer;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await Issuer.start();
  server = await CredentialedServer.start({ VARVE_RUNNER_WAIT: "60" });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

/** A runner that connects over a real WebSocket and executes nothing. */
class Runner {
  readonly #socket: WebSocket;
  readonly job: Promise<Job>;
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(token: string) {
    const url = `${server.url.replace("http", "ws")}/v1/runners`;
    this.#socket = new WebSocket(url, ["varve.runner", `token.${token}`]);
    this.job = new Promise((resolve) => {
      this.#socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data)) as ToRunner;
        if (message.type === "job") resolve(message.job);
      });
    });
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
  }

  /** Resolves when the server lists it. */
  async ready(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", resolve);
      this.#socket.addEventListener("error", reject);
    });
    const before = await count();
    this.#socket.send(
      JSON.stringify({
        type: "hello",
        instance: crypto.randomUUID(),
        platforms: ["linux/amd64"],
        capacity: 1,
        labels: {},
        jobs: [],
      }),
    );
    while ((await count()) === before) await new Promise((resolve) => setTimeout(resolve, 20));
    return this;
  }

  /** Whether the connection is still open after a while. */
  async stays(): Promise<boolean> {
    const later = new Promise<"there">((resolve) => setTimeout(resolve, 500, "there"));
    return (await Promise.race([this.closed, later])) === "there";
  }

  close(): void {
    this.#socket.close();
  }
}

async function count(): Promise<number> {
  return ((await (await server.order("GET", "/v1/runners")).json()) as { runners: unknown[] }).runners.length;
}

/** The status with which the server answers when a job reads its context. */
async function read({ id, token, task }: Job): Promise<number> {
  const context = contextsOf(task)[0] ?? "";
  return (await server.ask(`/v1/jobs/${id}/objects/${contextKey(context)}`, {}, token)).status;
}

describe("a runner is disconnected", () => {
  test("when its token is revoked, and others stay", async () => {
    const revoked = await server.createToken("run:team/*");
    const kept = await server.createToken("run:team/*");
    const [gone, stays] = [await new Runner(revoked.token).ready(), await new Runner(kept.token).ready()];
    const admins = await new Runner(adminSecret).ready();
    await server.order("DELETE", `/v1/tokens/${revoked.id}`);
    expect(await gone.closed).toEqual({ code: POLICY_VIOLATION, reason: expect.stringContaining("revoked") });
    expect([await stays.stays(), await admins.stays()]).toEqual([true, true]);
    stays.close();
    admins.close();
  });

  test("when its token expires", async () => {
    const expires = new Date(Date.now() + 2_000).toISOString();
    const { token } = await server.createTokenAs({ name: "", scopes: ["run:**"], expires });
    const runner = await new Runner(token).ready();
    expect(await runner.closed).toEqual({
      code: POLICY_VIOLATION,
      reason: expect.stringContaining("expired"),
    });
    expect(Date.now() - Date.parse(expires)).toBeLessThan(5_000);
  });

  test("when the rule that accepted its token is deleted", async () => {
    const rule = {
      name: "ci",
      issuer: issuer.url,
      audience: server.url,
      claims: { repository: "org/*" },
      scopes: ["run:team/*"],
    };
    await server.settle({ trust: [rule] });
    const runner = await new Runner(await issuer.token({ aud: server.url, repository: "org/app" })).ready();
    await server.settle({ trust: [rule], public: ["some/*"] });
    expect(await runner.stays()).toBe(true);
    await server.settle({ trust: [] });
    expect(await runner.closed).toMatchObject({ code: POLICY_VIOLATION });
  });

  test("and another runner receives its job, for which the first one's job token is then invalid", async () => {
    const revoked = await server.createToken("run:team/app");
    const first = await new Runner(revoked.token).ready();
    const body = contextOf({ Dockerfile: "FROM scratch\nRUN --mount=target=/m taken-away\n" });
    const headers = { prefer: "respond-async" };
    const begun = await server.ask("/v1/builds?t=team/app", { method: "POST", body, headers }, adminSecret);
    const job = await first.job;
    expect(await read(job)).toBe(200);
    await server.order("DELETE", `/v1/tokens/${revoked.id}`);
    expect(await first.closed).toMatchObject({ code: POLICY_VIOLATION });
    expect(await read(job)).toBe(401);
    const second = await new Runner(adminSecret).ready();
    const again = await second.job;
    expect([again.id, again.task]).toEqual([job.id, job.task]);
    expect(again.token).not.toBe(job.token);
    expect([await read(job), await read(again)]).toEqual([401, 200]);
    second.close();
    await server.order("DELETE", `/v1/builds/${begun.headers.get("varve-build")}`);
  });
});
