import {
  ENDED_CLOSE_CODE,
  type FromRunner,
  type ToRunner,
  toRunner,
} from "../../../schemas/runner-messages.ts";
import { pause } from "../../streams/pause.ts";
import { isFinal, type RefusedHandshake, refusedHandshake } from "./handshake.ts";
import { WebSocket } from "./web-socket.ts";

/** The first message of a connection. */
type Hello = Extract<FromRunner, { type: "hello" }>;

interface ConnectionEvents {
  /** Called for each connection. */
  hello(): Hello;
  message(message: ToRunner): void;
  /** Called each time a connection is open. */
  opened?(): void;
  /** The connection was lost and is retried. */
  lost?(reason: string): void;
  /** The first attempt since the last connection failed. Attempts continue. */
  unreached?(reason: string): void;
  /** The server rejects this runner. No further attempts. */
  refused?(answer: RefusedHandshake): void;
  /** The server closed the connection. The runner must not reconnect. */
  dismissed?(): void;
}

const FIRST_WAIT_MS = 250;
const MAX_WAIT_MS = 15_000;
/** Characters that wait to be sent, above which `send` applies backpressure. */
const MAX_WAITING = 1024 * 1024;
/** Outcomes sent in this time before a connection was lost are sent again, because they may not have arrived. */
const RESEND_MS = 60_000;
const POLL_MS = 50;
/** Time between pings, and time limit for each pong. */
const PING_MS = 20_000;

/** The runner's connection to its server, opened again whenever it is lost. */
export class ServerConnection {
  readonly #url: URL;
  readonly #token: string;
  readonly #events: ConnectionEvents;
  #socket: InstanceType<typeof WebSocket> | undefined;
  #isOpen = false;
  /** Whether there was a connection before. */
  #isKnown = false;
  #isUnreached = false;
  #isClosed = false;
  readonly #closing = new AbortController();
  #wait = FIRST_WAIT_MS;
  #retry: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  /** Whether nothing was received since the last ping. */
  #isQuiet = false;
  #waiting: string[] = [];
  #waitingLength = 0;
  #outcomes: { at: number; text: string }[] = [];

  /** @param pool name of the pool; by default the token or the server decides */
  constructor(server: URL, { token, pool }: { token: string; pool?: string }, events: ConnectionEvents) {
    this.#url = new URL("/v1/runners", server);
    if (pool !== undefined) this.#url.searchParams.set("pool", pool);
    this.#url.protocol = server.protocol === "https:" ? "wss:" : "ws:";
    this.#token = token;
    this.#events = events;
    this.#dial();
  }

  /** Sends a message, now or once the connection is open again. A returned promise applies backpressure. */
  send(message: FromRunner): Promise<void> | undefined {
    const text = JSON.stringify(message);
    if (message.type === "done" || message.type === "failed") {
      const recent = Date.now() - RESEND_MS;
      this.#outcomes = this.#outcomes.filter(({ at }) => at > recent);
      this.#outcomes.push({ at: Date.now(), text });
    }
    if (this.#isOpen) this.#socket?.send(text);
    else this.#keep(text);
    return this.#load > MAX_WAITING ? this.#drain() : undefined;
  }

  /** Sends what waits, for up to two seconds, and closes the connection for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
    clearTimeout(this.#retry);
    clearInterval(this.#ping);
    const socket = this.#socket;
    if (socket === undefined) return;
    if (this.#isOpen) {
      for (let waited = 0; socket.bufferedAmount > 0 && waited < 2000; waited += POLL_MS)
        await pause(POLL_MS);
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1000);
      socket.addEventListener("close", () => {
        clearTimeout(timer);
        resolve();
      });
      socket.close(1000);
    });
  }

  get #protocols(): string[] {
    return ["varve.runner", `token.${this.#token}`];
  }

  get #load(): number {
    return this.#waitingLength + (this.#isOpen ? (this.#socket?.bufferedAmount ?? 0) : 0);
  }

  async #drain(): Promise<void> {
    while (this.#load > MAX_WAITING / 2 && !this.#isClosed) await pause(POLL_MS);
  }

  #keep(text: string): void {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
  }

  #dial(): void {
    const socket = new WebSocket(this.#url.href, this.#protocols);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#received(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (code === ENDED_CLOSE_CODE && !this.#isClosed) {
        this.#isClosed = true;
        this.#events.dismissed?.();
      }
      if (this.#socket === socket)
        this.#closed(reason || (code === 1006 ? "it was interrupted" : `code ${code}`));
    });
  }

  #opened(socket: InstanceType<typeof WebSocket>): void {
    this.#isOpen = true;
    this.#isKnown = true;
    this.#isUnreached = false;
    this.#events.opened?.();
    this.#wait = FIRST_WAIT_MS;
    socket.send(JSON.stringify(this.#events.hello()));
    this.#isQuiet = false;
    this.#ping = setInterval(() => this.#sendPing(socket), PING_MS);
    const recent = Date.now() - RESEND_MS;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    for (const { at, text } of this.#outcomes) {
      if (at > recent && !waiting.includes(text)) socket.send(text);
    }
    for (const text of waiting) socket.send(text);
  }

  /** Detects a connection that was cut without a close. */
  #sendPing(socket: InstanceType<typeof WebSocket>): void {
    if (this.#isQuiet) {
      socket.close();
      this.#closed(`the server did not answer for ${PING_MS / 1000} seconds`);
      return;
    }
    this.#isQuiet = true;
    socket.send("ping");
  }

  #received(data: unknown): void {
    this.#isQuiet = false;
    if (data === "pong") return;
    let message: ToRunner;
    try {
      message = toRunner.parse(JSON.parse(String(data)));
    } catch {
      // The server may have another version.
      this.#events.lost?.("the server sent an unknown message; is its version another one?");
      return;
    }
    this.#events.message(message);
  }

  #closed(reason: string): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#socket = undefined;
    clearInterval(this.#ping);
    if (this.#isClosed) return;
    if (wasOpen) {
      this.#events.lost?.(reason);
      this.#dialLater();
    } else void this.#diagnose();
  }

  /** Finds out why no connection was opened, and whether to retry. */
  async #diagnose(): Promise<void> {
    let reason: string;
    try {
      const answer = await refusedHandshake(this.#url, this.#protocols, this.#closing.signal);
      if (this.#isClosed) return;
      if (answer !== undefined && isFinal(answer, this.#isKnown)) {
        this.#isClosed = true;
        this.#events.refused?.(answer);
        return;
      }
      reason =
        answer === undefined ? "it was interrupted" : `the server answered with status ${answer.status}`;
    } catch (error) {
      reason = reasonOf(error as Error);
    }
    if (this.#isClosed) return;
    if (!this.#isUnreached) this.#events.unreached?.(reason);
    this.#isUnreached = true;
    this.#dialLater();
  }

  #dialLater(): void {
    // Random, so that many runners do not reconnect at the same moment.
    this.#retry = setTimeout(() => this.#dial(), this.#wait * (0.5 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, MAX_WAIT_MS);
  }
}

/** For a name with several addresses, the error has no message but contains one error per address. */
function reasonOf(error: Error): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  if (first.message.includes("wrong version number")) return "it does not speak TLS; is it http://?";
  return first.message || String((first as NodeJS.ErrnoException).code);
}
