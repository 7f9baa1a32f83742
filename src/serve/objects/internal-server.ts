import { timingSafeEqual } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";

/**
 * A server for the runtime, on a socket. Answers 401 without this `authorization` header. Has no time limits: the runtime
 * reuses connections, and a request may take any time.
 */
export function createInternalServer(authorization: string, answer: RequestListener): Server {
  const expected = Buffer.from(authorization);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (given.length === expected.length && timingSafeEqual(given, expected))
      return answer(request, response);
    response.writeHead(401).end();
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
}
