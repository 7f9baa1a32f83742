/// <reference types="@cloudflare/vitest-plugin/types" />
import { describe, expect, test } from "vitest";
import type { ToTerminal } from "../../schemas/containers.ts";
import { FakeRunner } from "./fake-runner.ts";
import { ask, build } from "./server.ts";

// How the server relays terminals; test/runner/containers has real containers.

const files = {
  Dockerfile: 'FROM scratch\nCOPY a /a\nENV A=1\nVOLUME /v\nSTOPSIGNAL SIGINT\nCMD ["/a"]\n',
  a: "a",
};
const wanted = { workspace: "0".repeat(32), size: { rows: 24, columns: 80 } };

function request(image: string, body: object = wanted): Promise<Response> {
  return ask(`/v1/containers?image=${image}`, { method: "POST", body: JSON.stringify(body) });
}

/** A client that has the terminal of a container. */
class Client {
  readonly messages: ToTerminal[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.messages.push(JSON.parse(data as string) as ToTerminal);
    });
    socket.accept();
  }

  static async start(image: string): Promise<Client> {
    const answer = await request(image);
    const { id, token } = (await answer.json()) as { id: string; token: string };
    const headers = { upgrade: "websocket", "sec-websocket-protocol": `varve.terminal, token.${token}` };
    const opened = await ask(`/v1/containers/${id}`, { headers });
    if (opened.webSocket === null) throw new Error(await opened.text());
    return new Client(opened.webSocket);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }
}

/** A runner that starts containers, which the test handles. */
async function dial(containers = 1): Promise<FakeRunner> {
  const runner = await FakeRunner.dial({ containers });
  runner.manual.add("container");
  return runner;
}

describe("a container", () => {
  test("is started on a runner, and its terminal is relayed", async () => {
    await build(files, { t: "image-a" });
    await using _ = await FakeRunner.dial();
    expect((await request("image-a")).status).toBe(503);
    await using runner = await dial();
    const client = await Client.start("image-a");
    const job = await runner.task("container");
    expect(job.task).toMatchObject({
      args: ["/a"],
      env: expect.arrayContaining([["A", "1"]]),
      stopSignal: "SIGINT",
      mounts: [{ type: "volume", target: "/v", readonly: false }],
      layers: [{ digest: expect.stringMatching(/^sha256:/), diffId: expect.stringMatching(/^sha256:/) }],
    });
    runner.say({ type: "started", job: job.id });
    runner.say({ type: "output", job: job.id, text: "hi" });
    client.send(JSON.stringify({ type: "input", text: "x" }));
    expect(await runner.next()).toEqual({
      type: "terminal",
      job: job.id,
      message: { type: "input", text: "x" },
    });
    const exec = { type: "exec", exec: 1, command: ["ls"] };
    client.send(JSON.stringify(exec));
    expect(await runner.next()).toEqual({ type: "terminal", job: job.id, message: exec });
    runner.say({ type: "exec", job: job.id, message: { type: "exec-output", exec: 1, text: "bin" } });
    runner.say({ type: "exec", job: job.id, message: { type: "exec-exit", exec: 1, code: 0 } });
    runner.say({ type: "done", job: job.id, result: { kind: "container", exitCode: 7 } });
    await expect
      .poll(() => client.messages)
      .toEqual([
        { type: "started" },
        { type: "output", text: "hi" },
        { type: "exec-output", exec: 1, text: "bin" },
        { type: "exec-exit", exec: 1, code: 0 },
        { type: "exit", code: 7 },
      ]);
  });

  test("is not started again when its runner disconnects or cannot start it", async () => {
    await build(files, { t: "image-b" });
    const runner = await dial();
    const client = await Client.start("image-b");
    const job = await runner.task("container");
    runner.say({
      type: "failed",
      job: job.id,
      failure: { reason: "cancelled", message: "the runner is closing" },
    });
    await expect.poll(() => client.messages.at(-1)).toMatchObject({ type: "failed", reason: "cancelled" });
    await runner[Symbol.asyncDispose]();
  });

  test("is cancelled when its client disconnects", async () => {
    await build(files, { t: "image-c" });
    await using runner = await dial();
    const client = await Client.start("image-c");
    const job = await runner.task("container");
    client.close();
    expect(await runner.next()).toEqual({ type: "cancel", job: job.id });
  });

  test("waits while the runner has its maximum number of containers", async () => {
    await build(files, { t: "image-d" });
    await using runner = await dial(1);
    const first = await Client.start("image-d");
    const job = await runner.task("container");
    const second = await Client.start("image-d");
    await expect.poll(() => second.messages).toEqual([{ type: "waiting" }]);
    runner.say({ type: "done", job: job.id, result: { kind: "container", exitCode: 0 } });
    const next = await runner.task("container");
    runner.say({ type: "started", job: next.id });
    await expect.poll(() => second.messages).toEqual([{ type: "waiting" }, { type: "started" }]);
    first.close();
    second.close();
  });

  test("the output of another runner's container is not relayed", async () => {
    await build(files, { t: "image-f" });
    await using other = await dial(0);
    await using runner = await dial(20);
    const client = await Client.start("image-f");
    const job = await runner.task("container");
    other.say({ type: "output", job: job.id, text: "forged" });
    other.say({ type: "exec", job: job.id, message: { type: "exec-exit", exec: 1, code: 0 } });
    other.say({ type: "done", job: job.id, result: { kind: "container", exitCode: 0 } });
    await other.known();
    runner.say({ type: "output", job: job.id, text: "true" });
    await expect.poll(() => client.messages).toEqual([{ type: "output", text: "true" }]);
  });

  test("is rejected above the limit of a client", async () => {
    await build(files, { t: "image-e" });
    await using _ = await dial(20);
    const statuses: number[] = [];
    for (let count = 0; count < 9; count++) statuses.push((await request("image-e")).status);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.slice(0, 7)).not.toContain(429);
  });
});
