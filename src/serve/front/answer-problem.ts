import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Problem } from "../../../schemas/problem.ts";
import { problemCodes } from "../../../schemas/problem-codes.ts";

/**
 * Answers a request with a problem. Unless `headers` keep the connection, closes it without reading the rest of the
 * request.
 */
export function answerProblem(
  response: ServerResponse,
  problem: Problem,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(problem);
  response.writeHead(problem.status, {
    connection: "close",
    ...headers,
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** Answers that the runtime is restarting. The connection stays open, so that the rest of the request can be read. */
export function answerAway(response: ServerResponse): void {
  answerProblem(response, runtimeAway, { "retry-after": "1", connection: "keep-alive" });
}

/** Like `answerProblem`, on a connection whose request could not be parsed. */
export function answerOnSocket(socket: Duplex, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

/** The problem of a request that Node's parser rejects, by the code of the error. */
export function problemOfParser(code: string | undefined): Problem {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return unreadable("request-timeout", "its header did not come in time");
    case "HPE_HEADER_OVERFLOW":
      return unreadable("header-too-large", "its header is too large");
    default:
      return unreadable("request-malformed", "it is not HTTP/1.1");
  }
}

export const tooManyRequests = problem("too-many-requests", {
  detail: "Cannot accept the request: its address has too many in progress",
  hint: "Repeat the request when others have finished.",
});

export const bodyBehindUpgrade = unreadable("request-malformed", "it offers another protocol and has a body");

export const stalled = unreadable("request-timeout", "its body has stalled");

const runtimeAway = problem("runtime-restarting", {
  detail: "Cannot answer the request: the runtime behind the server is restarting",
  hint: "Send it again in some seconds.",
});

/** The problem of a request that the front cannot read. */
export function unreadable(code: FrontCode, reason: string): Problem {
  return problem(code, { detail: `Cannot read the request: ${reason}` });
}

type FrontCode =
  | "header-too-large"
  | "request-malformed"
  | "request-timeout"
  | "runtime-restarting"
  | "too-many-requests";

function problem(code: FrontCode, details: Pick<Problem, "detail" | "hint">): Problem {
  return { type: "about:blank", code, ...problemCodes[code], ...details };
}
