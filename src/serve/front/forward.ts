import { Agent, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import {
  FRONT_BODY,
  FRONT_BUILD,
  FRONT_FILE,
  FRONT_LENGTH,
  FRONT_OFFSET,
  FRONT_PEER,
  FRONT_SECRET,
} from "../../store/front-protocol.ts";
import { answerAway } from "./answer-problem.ts";
import { compressedHeaders, isCompressible } from "./compress.ts";
import type { HeldBodies } from "./held-bodies.ts";
import { type HeaderField, headersForClient, headerValue } from "./request-head.ts";
import { openFile, sendFile } from "./send-file.ts";

/** The Worker behind the front. */
export interface WorkerUpstream {
  /** Path of the socket on which the runtime listens. */
  socket: string;
  /** Proves to the Worker that the front has sent a request. */
  secret: string;
  bodies: HeldBodies;
  /** Folder of the files that the Worker can name instead of a body. */
  files: string;
  /** Frees the reserve of disk space, so that a deletion works on a full disk. */
  makeRoom?: () => void;
}

/** Connections to the runtime. It closes one that has been idle for five seconds. */
const kept = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 2000 });

/**
 * Maximum number of attempts of a request: its file may have been replaced, or an idle connection closed, in the
 * meantime.
 */
const TRIES = 3;

/** How much of an unwanted body is read: a client whose connection is closed while it sends does not receive the answer. */
const DRAINED = { bytes: 64 * 1024 * 1024, milliseconds: 10_000 };

/** Largest body that is forwarded with its header. Larger bodies, and those of unknown length, are read by the Worker. */
const SMALL = 64 * 1024;

/** Whether a request frees space. */
const isDeletion = ({ method, url = "" }: IncomingMessage) =>
  method === "DELETE" || (method === "POST" && /^[^?]*\/prune\/?(?:\?|$)/.test(url));

/** Forwards a request to the Worker, and the answer to the client. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
): void {
  drainWhenAnswered(request, response);
  const go = () => {
    if (response.destroyed) return;
    // A body of GET or HEAD has no meaning (RFC 9110, 9.3.1).
    if (isSafe(request)) forwardWith(undefined, request, response, withoutLength(headers), upstream);
    else if (!hasBody(request)) forwardWith(undefined, request, response, headers, upstream);
    else if (Number(request.headers["content-length"]) <= SMALL) {
      const whole = (body: Buffer) => forwardWith(body, request, response, headers, upstream);
      // A body that is cut off has no client left to answer.
      buffer(request).then(whole, () => {});
    } else forwardHeld(request, response, headers, upstream);
  };
  if (isDeletion(request)) upstream.makeRoom?.();
  go();
}

function forwardWith(
  body: Buffer | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
): void {
  const ask = (tries: number) => {
    const askAgain = tries > 1 && isSafe(request) ? () => ask(tries - 1) : undefined;
    start(request, response, headers, upstream, askAgain).end(body);
  };
  if (!response.destroyed) ask(TRIES);
}

/**
 * Forwards the header only. The Worker reads the body from the object server, or names the key to store it under.
 * So an early answer is not lost when the body's connection breaks.
 */
function forwardHeld(
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
): void {
  const { bodies } = upstream;
  const id = bodies.hold(request);
  response.once("close", () => bodies.drop(id));
  const length = request.headers["content-length"];
  const own: HeaderField[] = [
    ["content-length", "0"],
    [FRONT_BODY, id],
    ...(length === undefined ? [] : [[FRONT_LENGTH, length] satisfies HeaderField]),
  ];
  start(request, response, [...withoutLength(headers), ...own], upstream).end();
}

function start(
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
  /** Undefined when the request cannot be repeated. */
  askAgain?: () => void,
) {
  const asked = sendOn(request, [...headers, ["connection", "keep-alive"]], upstream);
  // A closed socket no longer has it.
  const { remoteAddress } = request.socket;
  let answer: IncomingMessage | undefined;
  const leave = () => {
    if (answer?.complete === true) return;
    asked.destroy();
    const build = answer && headerValue(answer.rawHeaders, FRONT_BUILD);
    if (build !== undefined) cancelBuild(build, remoteAddress, headers, upstream);
  };
  response.once("close", leave);
  asked.on("error", () => {
    if (answer !== undefined || response.destroyed || response.headersSent) return;
    if (asked.reusedSocket && askAgain !== undefined) {
      response.off("close", leave);
      askAgain();
    } else answerAway(response);
  });
  asked.once("response", (given) => {
    answer = given;
    const name = headerValue(given.rawHeaders, FRONT_FILE);
    if (name === undefined) {
      relay(given, response);
      return;
    }
    given.resume();
    relayFile(name, given, response, upstream).then(
      (isSent) => {
        if (isSent) return;
        response.off("close", leave);
        if (askAgain === undefined) response.destroy();
        else askAgain();
      },
      () => response.destroy(),
    );
  });
  return asked;
}

/** Sends an answer whose body is a file. Returns false, without sending anything, when the file does not exist. */
async function relayFile(
  name: string,
  answer: IncomingMessage,
  response: ServerResponse,
  { files }: WorkerUpstream,
): Promise<boolean> {
  const file = /^[\w-]+$/.test(name) ? await openFile(join(files, name)) : undefined;
  if (file === undefined) return false;
  const number = (header: string) => Number(headerValue(answer.rawHeaders, header));
  const [offset, length] = [number(FRONT_OFFSET), number(FRONT_LENGTH)];
  const headers = withoutLength(headersForClient(answer.rawHeaders));
  writeHead(response, answer, [...headers, ["content-length", String(length)]]);
  await sendFile(response, file, { offset, length });
  return true;
}

/** Cancels a build with the rights of the client that has left. Best effort: without them, the build continues. */
function cancelBuild(
  id: string,
  remoteAddress: string | undefined,
  headers: readonly HeaderField[],
  upstream: WorkerUpstream,
): void {
  const caller = headers.filter(([name]) => /^(?:host|authorization)$/i.test(name));
  const request = {
    method: "DELETE",
    url: `/v1/builds/${encodeURIComponent(id)}`,
    socket: { remoteAddress },
  };
  sendOn(request, caller, upstream)
    .on("response", (answer) => answer.resume())
    .on("error", () => {})
    .end();
}

/** Starts a request to the Worker. */
export function sendOn(
  request: Pick<IncomingMessage, "method" | "url"> & { socket: { remoteAddress?: string | undefined } },
  headers: readonly HeaderField[],
  { socket, secret }: WorkerUpstream,
) {
  const own: HeaderField[] = [
    [FRONT_SECRET, secret],
    [FRONT_PEER, request.socket.remoteAddress ?? ""],
  ];
  return send({
    socketPath: socket,
    // The runtime may close an idle connection at any time, so only repeatable requests reuse one.
    agent: isSafe(request) ? kept : false,
    method: request.method,
    path: request.url,
    headers: [...headers, ...own].flat(),
    setHost: false,
  });
}

/** Streams the Worker's answer to the client, compressed where that is useful. */
export function relay(answer: IncomingMessage, response: ServerResponse): void {
  const headers = headersForClient(answer.rawHeaders);
  const isCompressed = isCompressible(response.req, answer);
  writeHead(response, answer, isCompressed ? compressedHeaders(headers) : headers);
  // The client must notice that the answer is incomplete.
  answer.once("close", () => {
    if (!answer.complete) response.destroy();
  });
  if (isCompressed) answer.pipe(createGzip()).pipe(response);
  else answer.pipe(response);
}

function writeHead(response: ServerResponse, answer: IncomingMessage, headers: readonly HeaderField[]): void {
  // After the last answer of a connection, Node closes it even while the client still sends.
  if (!response.req.complete) response.shouldKeepAlive = true;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers.flat());
}

function withoutLength(headers: readonly HeaderField[]): HeaderField[] {
  return headers.filter(([name]) => name.toLowerCase() !== "content-length");
}

function isSafe({ method }: Pick<IncomingMessage, "method">): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether a request announces a body (RFC 9112, 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** Reads the rest of a body that is answered before its end. */
function drainWhenAnswered(request: IncomingMessage, response: ServerResponse): void {
  const isLast = !response.shouldKeepAlive;
  response.once("finish", () => {
    if (request.complete) {
      if (isLast) request.socket.end();
      return;
    }
    let drained = 0;
    const stop = () => request.destroy();
    const timer = setTimeout(stop, DRAINED.milliseconds);
    request.once("close", () => clearTimeout(timer));
    request.once("end", () => {
      clearTimeout(timer);
      if (isLast) request.socket.end();
    });
    request.on("data", (bytes: Uint8Array) => {
      drained += bytes.length;
      if (drained > DRAINED.bytes) stop();
    });
  });
}
