import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets only requests to a loopback host write: without configured credentials nobody else may. A page of another
 * origin open in a browser on the same machine may not either.
 */
export function loopbackWrites(): MiddlewareHandler {
  return async function loopbackWrites(c, next) {
    if (!safeMethods.has(c.req.method)) requireLoopback(c.req.raw);
    await next();
  };
}

/** @throws ProblemError for a request to another host, and for one of a page of another origin */
export function requireLoopback({ url: text, headers }: Request): void {
  const url = new URL(text);
  if (!loopbackHosts.has(url.hostname)) {
    throw new ProblemError({
      status: 403,
      code: "write-denied",
      title: "Only a loopback host may write",
      detail: `Cannot write through "${url.host}": no credentials are configured, so only localhost may`,
      hint: "Send the request to http://localhost:<port>.",
    });
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  if ((origin ?? url.origin) !== url.origin || (site !== "same-origin" && site !== "none")) {
    throw new ProblemError({
      status: 403,
      code: "cross-origin-write",
      title: "A page of another origin may not write",
      detail: `Cannot write from a page of "${origin ?? site}"`,
    });
  }
}
