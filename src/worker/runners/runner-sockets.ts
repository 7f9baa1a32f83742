import { type FromRunner, fromRunner } from "../../../schemas/runner-messages.ts";
import { RunnerConnection } from "./runner-connection.ts";
import type { Service } from "./runner-trust.ts";

/** How long a runner that is there may say nothing. */
const silentMilliseconds = 90_000;
const longestMessage = 1024 * 1024;
const tag = "runner";

/** The WebSockets of the runners. They stay open while their object sleeps. */
export class RunnerSockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Takes a runner that dials in. */
  accept(service: Service): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [tag]);
    new RunnerConnection(server).serve(service);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": "varve.runner" },
    });
  }

  /** Runners that are there. */
  connected(): RunnerConnection[] {
    return this.#open().flatMap((socket) => (this.#isSilent(socket) ? [] : new RunnerConnection(socket)));
  }

  /** All of them, and those that may turn up again. */
  all(): RunnerConnection[] {
    return this.#open().map((socket) => new RunnerConnection(socket));
  }

  find(id: string | null): RunnerConnection | undefined {
    return this.connected().find((runner) => runner.id === id);
  }

  #open(): WebSocket[] {
    return this.#ctx.getWebSockets(tag).filter(({ readyState }) => readyState === WebSocket.READY_STATE_OPEN);
  }

  /** A runner asks for life now and then; when it did and does no more, its machine is gone. */
  #isSilent(socket: WebSocket): boolean {
    const asked = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    return asked !== undefined && Date.now() - asked > silentMilliseconds;
  }
}

/** Undefined for anything but a message of a runner. */
export function parseMessage(message: string | ArrayBuffer): FromRunner | undefined {
  if (typeof message !== "string" || message.length > longestMessage) return undefined;
  try {
    return fromRunner.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
