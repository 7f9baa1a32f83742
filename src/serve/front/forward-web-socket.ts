import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { answerAway } from "./answer-problem.ts";
import { relay, sendOn, type WorkerUpstream } from "./forward.ts";
import { type HeaderField, headersForClient } from "./request-head.ts";

/** A request to upgrade to WebSocket. */
interface WebSocketRequest {
  request: IncomingMessage;
  socket: Socket;
  /** Bytes received after the header. */
  early: Buffer;
  /** For an answer other than 101. */
  response: ServerResponse;
}

/** Forwards a WebSocket handshake to the Worker. When the Worker accepts it, copies bytes in both directions. */
export function forwardWebSocket(
  { request, socket, early, response }: WebSocketRequest,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
): void {
  const upgrade: HeaderField[] = [
    ["connection", "Upgrade"],
    ["upgrade", "websocket"],
  ];
  const asked = sendOn(request, [...headers, ...upgrade], upstream);
  socket.once("close", () => asked.destroy());
  asked.on("error", () => {
    if (socket.writable) answerAway(response);
  });
  asked.once("response", (answer) => relay(answer, response));
  asked.once("upgrade", (answer, other, first) => {
    response.detachSocket(socket);
    const lines = [...headersForClient(answer.rawHeaders), ...upgrade].map((pair) => pair.join(": "));
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    socket.write(first);
    other.write(early);
    socket.once("close", () => other.destroy());
    other.on("error", () => other.destroy()).once("close", () => socket.destroy());
    socket.pipe(other);
    other.pipe(socket);
  });
  asked.end();
}
