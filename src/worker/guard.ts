import { originOf } from "./access/origin.ts";
import { ProblemError } from "./problem.ts";

const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a URL names this machine: only what runs on it can be asked so, unless something forwards what it is sent. */
export function isLoopback(url: string): boolean {
  return loopbackHosts.has(new URL(url).hostname);
}

/**
 * Refuses writing requests of pages of other origins: a browser sends along what it knows, and what is on the same
 * machine needs not even that. A bearer token is put there by whoever means it.
 * @throws ProblemError
 */
export function refuseForeignPages(request: Request): void {
  const { method, headers } = request;
  if (safeMethods.has(method) || /^bearer /i.test(headers.get("authorization") ?? "")) return;
  refuseForeignPage(request);
}

/** @throws ProblemError for a request to another host, and for one of a page of another origin */
export function requireLoopback(request: Request): void {
  const url = new URL(request.url);
  if (!isLoopback(request.url)) {
    throw new ProblemError({
      status: 403,
      code: "write-denied",
      title: "Only a loopback host may write",
      detail: `Cannot write through "${url.host}": no credentials are configured, so only localhost may`,
      hint: "Send the request to http://localhost:<port>.",
    });
  }
  refuseForeignPage(request);
}

function refuseForeignPage(request: Request): void {
  const { headers } = request;
  const own = originOf(request);
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  if ((origin ?? own) === own && (site === "same-origin" || site === "none")) return;
  throw new ProblemError({
    status: 403,
    code: "cross-origin-write",
    title: "A page of another origin may not write",
    detail: `Cannot write from a page of "${origin ?? site}"`,
  });
}
