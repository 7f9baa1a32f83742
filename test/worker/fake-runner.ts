import type { FromRunner, Job, JobFailure, ToRunner } from "../../schemas/runner.ts";
import { archive } from "../tar/archive.ts";
import { ask } from "./server.ts";

/** What a fake runner makes of a job: members of the upper directory, or why not. */
export type Answer = { upper: Uint8Array[] } | { failure: JobFailure };

/** A runner that dials the server over a real WebSocket and does what a test says. */
export class FakeRunner implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #received: ToRunner[] = [];
  #wake = () => {};
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#received.push(JSON.parse(data as string) as ToRunner);
      this.#wake();
    });
    this.closed = new Promise((resolve) => socket.addEventListener("close", () => resolve()));
    socket.accept();
  }

  /** Dials in and says what it can. */
  static async dial(
    hello: Partial<Extract<FromRunner, { type: "hello" }>> = {},
    protocols = "varve.runner",
  ): Promise<FakeRunner> {
    const answer = await dial(protocols);
    if (answer.webSocket === null) throw new Error(`${answer.status}: ${await answer.text()}`);
    const runner = new FakeRunner(answer.webSocket);
    runner.say({ type: "hello", platforms: ["linux/amd64"], capacity: 1, labels: {}, ...hello });
    await runner.known();
    return runner;
  }

  say(message: FromRunner): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The server has heard of it: what was sent before is dealt with. */
  async known(): Promise<void> {
    // Messages and requests reach the same object, one after the other.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask("/v1/runners");
  }

  /** The next message of the server. */
  async next(): Promise<ToRunner> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next job. */
  async job(): Promise<Job> {
    const message = await this.next();
    if (message.type !== "job") throw new Error(`There came ${JSON.stringify(message)} instead of a job`);
    return message.job;
  }

  /** Takes a job and answers it. */
  async work(answer: Answer | ((job: Job) => Answer | Promise<Answer>)): Promise<Job> {
    const job = await this.job();
    const made = typeof answer === "function" ? await answer(job) : answer;
    if ("failure" in made) this.say({ type: "failed", job: job.id, failure: made.failure });
    else await this.finish(job, made.upper);
    return job;
  }

  async finish(job: Job, upper: Uint8Array[]): Promise<void> {
    const answer = await putDiff(job, upper);
    if (!answer.ok) throw new Error(await answer.text());
    this.say({ type: "done", job: job.id });
  }

  log(job: Job, text: string, stream: "stdout" | "stderr" = "stdout"): void {
    this.say({ type: "log", job: job.id, stream, text });
  }

  close(): void {
    this.#socket.close(1000, "enough");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function dial(protocols: string, url = "/v1/runners", headers: Record<string, string> = {}) {
  return ask(url, { headers: { upgrade: "websocket", "sec-websocket-protocol": protocols, ...headers } });
}

export function putDiff({ id, token }: Pick<Job, "id" | "token">, upper: Uint8Array[]): Promise<Response> {
  return ask(`/v1/jobs/${id}/diff`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}` },
    body: archive(...upper) as Uint8Array<ArrayBuffer>,
  });
}

export function getBlob({ id, token }: Pick<Job, "id" | "token">, digest: string): Promise<Response> {
  return ask(`/v1/jobs/${id}/blobs/${digest}`, { headers: { authorization: `Bearer ${token}` } });
}
