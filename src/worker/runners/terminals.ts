import { type FromTerminal, fromTerminal, type ToTerminal } from "../../../schemas/containers.ts";
import type { Job, JobFailure, JobResult } from "../../../schemas/runner.ts";
import { sha256 } from "../../streams/sha256.ts";
import { isEqualInConstantTime } from "../access/constant-time.ts";
import type { JobInterests } from "../jobs/job-interests.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import { type JobOwner, type JobRow, type JobTable, needsOfRow } from "../jobs/job-table.ts";
import type { RunnerConnection } from "./runner-connection.ts";
import type { RunnerSockets } from "./runner-sockets.ts";
import { SentInput } from "./sent-input.ts";

/** Maximum number of running and waiting containers: in total and per client address. */
const MAX_TERMINALS = { all: 64, client: 8 };
/** Maximum length of a client's message, in characters. */
const MAX_MESSAGE = 400 * 1024;
/** RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const tag = "terminal";

interface Attachment {
  job: string;
  /** The last state in a message to the client. */
  reported: "nothing" | "waiting" | "running";
}

/** Reason that no container was started. */
export type ContainerRefusal = "no-runner" | "too-many";

interface TerminalsOptions {
  ctx: DurableObjectState;
  table: JobTable;
  interests: JobInterests;
  queue: JobQueue;
  runners: RunnerSockets;
  /** Called after a job was removed. */
  forgotten(job: string): void;
}

/** WebSockets of clients with terminals of containers. Each container is a job. */
export class Terminals {
  readonly #ctx: DurableObjectState;
  readonly #table: JobTable;
  readonly #interests: JobInterests;
  readonly #queue: JobQueue;
  readonly #runners: RunnerSockets;
  readonly #forgotten: (job: string) => void;
  /** Input of clients, by job. */
  readonly #sent = new Map<string, SentInput>();

  constructor({ ctx, table, interests, queue, runners, forgotten }: TerminalsOptions) {
    this.#ctx = ctx;
    this.#table = table;
    this.#interests = interests;
    this.#queue = queue;
    this.#runners = runners;
    this.#forgotten = forgotten;
  }

  /**
   * Queues the job of a container. The job is removed if no client opens the terminal.
   * @param client identifies the client, for its limit
   * @param token opens the terminal
   */
  offer(job: Job, owner: JobOwner, client: string, token: string): ContainerRefusal | undefined {
    const all = this.#table.all().filter(({ kind }) => kind === "container");
    const own = all.filter((row) => needsOfRow(row).client === client);
    if (all.length >= MAX_TERMINALS.all || own.length >= MAX_TERMINALS.client) return "too-many";
    this.#queue.offer(job, owner, undefined, client);
    const row = this.#table.find(job.id);
    if (row === undefined || this.#queue.capable(row).length === 0) {
      this.forget(job.id);
      return "no-runner";
    }
    this.#ctx.storage.kv.put(tokenKey(job.id), sha256(token));
    return undefined;
  }

  /** Opens the terminal of a job. A token is valid once. @returns undefined when the token is wrong */
  open(job: string, token: string): Response | undefined {
    const expected = this.#ctx.storage.kv.get<string>(tokenKey(job));
    if (expected === undefined || !isEqualInConstantTime(expected, sha256(token))) return undefined;
    this.#ctx.storage.kv.delete(tokenKey(job));
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [tag, job]);
    attach(server, { job, reported: "nothing" });
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": "varve.terminal" },
    });
  }

  /** Whether a client is connected to the terminal of a job. */
  isOpen(job: string): boolean {
    return this.#ctx.getWebSockets(job).some(isOpen);
  }

  /** The job of a terminal's WebSocket; undefined for other WebSockets. */
  jobOf(socket: WebSocket): string | undefined {
    return this.#ctx.getTags(socket).includes(tag) ? attachmentOf(socket).job : undefined;
  }

  /** Forwards a client's message to the runner of its container. */
  receive(socket: WebSocket, text: string | ArrayBuffer): void {
    const message = parse(text);
    if (message === undefined) {
      socket.close(POLICY_VIOLATION, "invalid message of a terminal");
      return;
    }
    const { job } = attachmentOf(socket);
    const sent = this.#sent.get(job) ?? new SentInput(Date.now());
    this.#sent.set(job, sent);
    if (!sent.add(message, Date.now())) {
      socket.close(POLICY_VIOLATION, "too many messages or too much input");
      return;
    }
    const row = this.#table.find(job);
    const runner = row?.state === "running" ? this.#runners.find(row.runner) : undefined;
    const isSent = runner?.send({ type: "terminal", job, message }) ?? false;
    if (!isSent && message.type === "input") this.#accept(job, message.text.length);
  }

  /** Forwards a runner's message to the client of the container. */
  send(runner: RunnerConnection, job: string, message: ToTerminal): void {
    if (!this.#queue.has(runner, job)) return;
    for (const socket of this.#ctx.getWebSockets(job)) send(socket, message);
  }

  /** Records that the container has read input, and reports it to the client. */
  typed(runner: RunnerConnection, job: string, characters: number): void {
    if (this.#queue.has(runner, job)) this.#accept(job, characters);
  }

  #accept(job: string, characters: number): void {
    const read = this.#sent.get(job)?.read(characters) ?? 0;
    if (read === 0) return;
    for (const socket of this.#ctx.getWebSockets(job)) send(socket, { type: "typed", characters: read });
  }

  /** Reports changes of jobs to their clients, and disconnects the clients of finished jobs. */
  update(): void {
    for (const socket of this.#ctx.getWebSockets(tag)) {
      if (!isOpen(socket)) continue;
      const attachment = attachmentOf(socket);
      const end = this.#endOf(this.#table.find(attachment.job));
      if (end !== undefined) {
        send(socket, end);
        socket.close(1000);
        this.forget(attachment.job);
      } else {
        this.#report(socket, attachment);
      }
    }
  }

  /** Deletes the data of a job. */
  forget(job: string): void {
    this.#ctx.storage.kv.delete(tokenKey(job));
    this.#sent.delete(job);
    this.#table.remove(job);
    this.#interests.forget(job);
    this.#forgotten(job);
  }

  #report(socket: WebSocket, { job, reported }: Attachment): void {
    const state = this.#table.find(job)?.state === "queued" ? "waiting" : "running";
    if (state === reported) return;
    attach(socket, { job, reported: state });
    if (state === "waiting") send(socket, { type: "waiting" });
  }

  /** The final message of a job; undefined while it has not ended. */
  #endOf(row: JobRow | undefined): ToTerminal | undefined {
    if (row === undefined)
      return failureMessage({ reason: "internal", message: "the server no longer has the container" });
    if (row.failure !== null) return failureMessage(JSON.parse(row.failure) as JobFailure);
    const result = row.result === null ? undefined : (JSON.parse(row.result) as JobResult);
    if (result?.kind === "container") return { type: "exit", code: result.exitCode };
    // The description was lost with the memory of an earlier instance.
    const isForgotten = row.state === "queued" && this.#interests.job(row.id) === undefined;
    return isForgotten
      ? failureMessage({ reason: "internal", message: "the server was restarted" })
      : undefined;
  }
}

function failureMessage({ reason, message }: JobFailure): ToTerminal {
  return { type: "failed", reason, message };
}

function tokenKey(job: string): string {
  return `terminal/${job}`;
}

function isOpen({ readyState }: WebSocket): boolean {
  return readyState === WebSocket.READY_STATE_OPEN;
}

function attachmentOf(socket: WebSocket): Attachment {
  return socket.deserializeAttachment() as Attachment;
}

function attach(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

function send(socket: WebSocket, message: ToTerminal): void {
  try {
    socket.send(JSON.stringify(message));
  } catch {
    // The client has disconnected, which ends the job.
  }
}

function parse(text: string | ArrayBuffer): FromTerminal | undefined {
  if (typeof text !== "string" || text.length > MAX_MESSAGE) return undefined;
  try {
    return fromTerminal.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
