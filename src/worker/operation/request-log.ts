import type { MiddlewareHandler } from "hono";
import type { App, Env } from "../environment.ts";
import { log, logSubject } from "./log.ts";

/** Characters of a path that are logged. */
const LONGEST_PATH = 500;

/**
 * Gives each request an ID, which its answer and its problem have, and logs the request when it is answered. Queries and
 * headers are not logged: they may contain secrets.
 */
export function requestLog(): MiddlewareHandler<App> {
  return async function requestLog(c, next) {
    const request = c.req.header("cf-ray") ?? crypto.randomUUID();
    const began = Date.now();
    await logSubject.run({ request }, async () => {
      await next();
      const { status, headers } = c.res;
      // An answer that hands over a WebSocket is as it is.
      if (status !== 101) headers.set("x-request-id", request);
      if (!isLogged(c.env)) return;
      log("info", "request", {
        method: c.req.method,
        path: c.req.path.slice(0, LONGEST_PATH),
        status,
        ms: Date.now() - began,
        received: lengthOf(c.req.raw.headers),
        sent: lengthOf(headers),
        caller: c.var.access?.caller.kind,
      });
    });
  };
}

/** By default, servers behind a front of their own do not log requests, and others do. */
function isLogged({ VARVE_LOG, VARVE_FRONT_SECRET }: Env): boolean {
  return VARVE_LOG === undefined ? !VARVE_FRONT_SECRET : VARVE_LOG === "1";
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}
