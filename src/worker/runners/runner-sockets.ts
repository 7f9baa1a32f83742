import { type FromRunner, fromRunner } from "../../../schemas/runner-messages.ts";
import { RunnerConnection } from "./runner-connection.ts";
import type { Service } from "./runner-trust.ts";

/** Time without a ping after which a runner counts as disconnected, in milliseconds. */
const SILENT_MS = 90_000;
const MAX_MESSAGE = 1024 * 1024;
const tag = "runner";

/** The WebSockets of runners. They stay open while the object hibernates. */
export class RunnerSockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Accepts the WebSocket of a runner. */
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

  /** Runners that are connected and send pings. */
  connected(): RunnerConnection[] {
    return this.#open().flatMap((socket) => (this.#isSilent(socket) ? [] : new RunnerConnection(socket)));
  }

  /** All runners with an open WebSocket, including silent ones. */
  all(): RunnerConnection[] {
    return this.#open().map((socket) => new RunnerConnection(socket));
  }

  find(id: string | null): RunnerConnection | undefined {
    return this.connected().find((runner) => runner.id === id);
  }

  #open(): WebSocket[] {
    return this.#ctx.getWebSockets(tag).filter(({ readyState }) => readyState === WebSocket.READY_STATE_OPEN);
  }

  /** Runners send pings regularly. When the pings stop, the machine is considered lost. */
  #isSilent(socket: WebSocket): boolean {
    const asked = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
    return asked !== undefined && Date.now() - asked > SILENT_MS;
  }
}

/** Parses a message of a runner; undefined when it is invalid. */
export function parseMessage(message: string | ArrayBuffer): FromRunner | undefined {
  if (typeof message !== "string" || message.length > MAX_MESSAGE) return undefined;
  try {
    return fromRunner.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}
