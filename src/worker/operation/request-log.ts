import type { MiddlewareHandler } from "hono";
import { enginePath } from "../../engine-api/request.ts";
import type { App, Env } from "../environment.ts";
import { withoutPortToken } from "../runners/port-path.ts";
import { count, sendCounts } from "./counts.ts";
import { log, logSubject } from "./log.ts";
import { type MeasuredRoute, routeOf } from "./metrics.ts";

/** Maximum number of logged characters of a path. */
const MAX_PATH = 500;

/**
 * Assigns an ID to each request, and adds it to the response and problem. Counts and logs the request after the response. Does
 * not log queries and headers, because they may contain secrets.
 */
export function requestLog(): MiddlewareHandler<App> {
  return async function requestLog(c, next) {
    const request = c.req.header("cf-ray") ?? crypto.randomUUID();
    const began = Date.now();
    await logSubject.run({ request }, async () => {
      await next();
      const { status, headers } = c.res;
      // The headers of a WebSocket response cannot be changed.
      if (status !== 101) headers.set("x-request-id", request);
      const ms = Date.now() - began;
      const sizes = { received: lengthOf(c.req.raw.headers), sent: lengthOf(headers) };
      const route = routeOf(c.req.path, enginePath(c.req.path) !== undefined);
      countRequest(route, status, ms / 1000, sizes);
      c.env.ANALYTICS?.writeDataPoint({
        indexes: [route],
        blobs: ["request", route, c.req.method.slice(0, 16), String(status), c.var.access?.caller.kind ?? ""],
        doubles: [ms, sizes.received ?? 0, sizes.sent ?? 0],
      });
      c.executionCtx.waitUntil(sendCounts(c.env));
      if (!isLogged(c.env)) return;
      log("info", "request", {
        method: c.req.method,
        path: withoutPortToken(c.req.path).slice(0, MAX_PATH),
        status,
        ms,
        ...sizes,
        caller: c.var.access?.caller.kind,
      });
    });
  };
}

function countRequest(
  route: MeasuredRoute,
  status: number,
  seconds: number,
  { received = 0, sent = 0 }: { received: number | undefined; sent: number | undefined },
): void {
  count("varve_requests_total", { route, status: `${Math.floor(status / 100)}xx` });
  count("varve_request_seconds", { route }, seconds);
  if (received > 0) count("varve_received_bytes_total", { route }, received);
  if (sent > 0) count("varve_sent_bytes_total", { route }, sent);
}

/** By default, servers behind a local front do not log requests, and others do. */
function isLogged({ VARVE_LOG, VARVE_FRONT_SECRET }: Env): boolean {
  return VARVE_LOG === undefined ? !VARVE_FRONT_SECRET : VARVE_LOG === "1";
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}
