import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import {
  answerOnSocket,
  answerProblem,
  bodyBehindUpgrade,
  problemOfParser,
  stalled,
  tooManyRequests,
} from "./answer-problem.ts";
import {
  type Bounds,
  type ClientConnection,
  Connections,
  defaultBounds,
  type Exchange,
} from "./connections.ts";
import { forward, hasBody, type WorkerUpstream } from "./forward.ts";
import { forwardWebSocket } from "./forward-web-socket.ts";
import { headersForWorker } from "./request-head.ts";

/** The public HTTP server of a local server. */
export interface Front {
  server: Server;
  /** Closes all connections and stops listening. */
  close(): void;
}

/** Limits of the front. */
export interface FrontBounds extends Bounds {
  /** Milliseconds to receive the header of a request. */
  header: number;
  /** Milliseconds after which an idle connection is closed. */
  idle: number;
}

const defaults: FrontBounds = { ...defaultBounds, header: 15_000, idle: 75_000 };

/** Milliseconds between two searches for stalled requests. */
const CHECKING = 1000;
/** Maximum number of pipelined requests of one connection. */
const MAX_PIPELINED = 16;
/** Maximum size in bytes of a header. Tokens of OIDC issuers can be large. */
const MAX_HEADER = 64 * 1024;

/**
 * The public HTTP server of a local server. It knows the address of the client and the original request, so it rejects
 * malformed requests, removes headers that the runtime trusts, and limits the connections of an address. It forwards
 * everything else to the Worker.
 */
export function createFront(upstream: WorkerUpstream, bounds = defaults): Front {
  const connections = new Connections(bounds);
  const known = new WeakMap<Duplex, ClientConnection>();
  /** Requests in progress, by connection. */
  const pipelined = new WeakMap<ClientConnection, number>();
  const connectionOf = (socket: Duplex): ClientConnection => {
    const found = known.get(socket);
    if (found !== undefined) return found;
    const connection = { address: (socket as Socket).remoteAddress ?? "", close: () => socket.destroy() };
    known.set(socket, connection);
    return connection;
  };

  const server = createServer({
    headersTimeout: bounds.header,
    connectionsCheckingInterval: CHECKING,
    keepAliveTimeout: bounds.idle,
    // A body may take any time as long as it does not stall.
    requestTimeout: 0,
    maxHeaderSize: MAX_HEADER,
    keepAlive: true,
    // Checked below, with a better answer.
    requireHostHeader: false,
  });

  server.on("connection", (socket: Socket) => {
    const connection = connectionOf(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => connections.close(connection));
    connections.wait(connection);
  });

  /** Counts a request until `until` closes. Returns the headers to forward; undefined when the request is rejected. */
  const accept = (request: IncomingMessage, response: ServerResponse, until: ServerResponse | Socket) => {
    const isUpgrade = until !== response;
    const { socket } = request;
    const connection = connectionOf(socket);
    const before = pipelined.get(connection) ?? 0;
    if (before >= MAX_PIPELINED) {
      socket.destroy();
      return undefined;
    }
    pipelined.set(connection, before + 1);
    const exchange: Exchange = {
      received: () => (request.complete || isUpgrade ? undefined : socket.bytesRead),
      sent: () =>
        isUpgrade || !request.complete || socket.writableLength === 0
          ? undefined
          : socket.bytesWritten - socket.writableLength,
      isBacklogged: () => request.readableLength > 0,
      stop: () => {
        answerProblem(response, stalled);
        request.destroy();
      },
    };
    until.once("close", () => {
      pipelined.set(connection, (pipelined.get(connection) ?? 1) - 1);
      connections.end(connection, exchange);
      if (!socket.destroyed) connections.wait(connection);
    });
    if (!connections.begin(connection, exchange, performance.now())) {
      answerProblem(response, tooManyRequests, { "retry-after": "1" });
      return undefined;
    }
    const headers = headersForWorker({ url: request.url ?? "", rawHeaders: request.rawHeaders });
    if (Array.isArray(headers)) return headers;
    answerProblem(response, headers);
    return undefined;
  };

  server.on("request", (request, response) => {
    const headers = accept(request, response, response);
    if (headers !== undefined) forward(request, response, headers, upstream);
  });

  /** The HTTP server no longer counts them as connections. */
  const upgraded = new Set<Socket>();
  server.on("upgrade", (request, socket: Socket, early) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once("finish", () => socket.end());
    const headers = accept(request, response, socket);
    if (headers === undefined) return;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    // Node does not read the body of an upgrade request.
    if (hasBody(request)) answerProblem(response, bodyBehindUpgrade);
    else if (isWebSocket) forwardWebSocket({ request, socket, early, response }, headers, upstream);
    // The server does not speak the other protocol, so it ignores the offer (RFC 9110, 7.8).
    else forward(request, response, headers, upstream);
  });

  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET") socket.destroy();
    else answerOnSocket(socket, problemOfParser(error.code));
  });

  const sweeping = setInterval(() => connections.sweep(performance.now()), CHECKING);
  sweeping.unref();
  const close = () => {
    clearInterval(sweeping);
    server.close();
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  };
  return { server, close };
}
