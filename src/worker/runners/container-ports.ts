import type { Context } from "hono";
import type { PortHeader } from "../../../schemas/ports.ts";
import { collect } from "../../streams/collect.ts";
import { originOf } from "../access/origin.ts";
import type { App } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { runnersOfJob } from "../jobs/job-token.ts";
import { type PortRefusal, type PortRequest, portHeader, refusalHeader } from "./port-exchanges.ts";
import { portsPath } from "./port-path.ts";

// Proxies the ports of a container to a sandboxed frame: /v1/containers/<id>/ports/<token>/<port>/<path>. The token is
// the only credential. Cookies and credentials are removed in both directions, and the content has an opaque origin, so
// it cannot use the API with the user's credentials.

/** Maximum size of a request body, in bytes. */
const MAX_BODY = 1024 * 1024;

/** Request headers that are forwarded to the container. */
const forwarded = new Set(
  "accept accept-language cache-control content-type if-match if-modified-since if-none-match if-range if-unmodified-since range user-agent x-requested-with".split(
    " ",
  ),
);
/** Response headers that are forwarded to the client. */
const returned = new Set(
  "accept-ranges allow content-disposition content-language content-range content-type etag last-modified retry-after".split(
    " ",
  ),
);

export async function servePort(c: Context<App>): Promise<Response> {
  const request = c.req.raw;
  const { pathname, search } = new URL(request.url);
  const [, id = "", token = "", digits = "", path] =
    /^\/v1\/containers\/([^/]+)\/ports\/([^/]+)\/(\d{1,5})(\/.*)?$/.exec(pathname) ?? [];
  const port = Number(digits);
  const runners = runnersOfJob(c.env, id);
  if (port < 1 || port > 65535 || runners === undefined) throw unknownPort();
  const base = `${portsPath(id, token)}${port}/`;
  if (path === undefined)
    return new Response(null, { status: 308, headers: { location: `${base}${search}` } });
  // Answers the CORS preflight of a page with an opaque origin (Fetch, 4.9).
  if (request.method === "OPTIONS")
    return new Response(null, { status: 204, headers: frameHeaders(c, base) });
  if (request.headers.has("upgrade")) {
    throw new ProblemError("protocol-unknown", { detail: "Cannot open a WebSocket to a container" });
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const body = hasBody ? await collect(readRequestBody(request), MAX_BODY) : undefined;
  const forwardedRequest: PortRequest = {
    id,
    token,
    port,
    method: request.method,
    path: `${path}${search}`,
    headers: [
      ...[...request.headers].filter(([name]) => forwarded.has(name)),
      ...([["accept-encoding", "identity"]] satisfies PortHeader[]),
    ],
  };
  const answer = await runners.fetch(
    new Request("http://runners/", {
      method: hasBody ? "POST" : "GET",
      headers: { [portHeader]: JSON.stringify(forwardedRequest) },
      redirect: "manual",
      ...(body !== undefined && { body }),
    }),
  );
  const refusal = answer.headers.get(refusalHeader) as PortRefusal | null;
  if (refusal !== null) throw refusalError(refusal, port, await answer.text());
  const headers = new Headers(frameHeaders(c, base));
  for (const [name, value] of answer.headers) if (returned.has(name)) headers.append(name, value);
  const location = locationOf(answer.headers.get("location"), base, port, path);
  if (location !== undefined) headers.set("location", location);
  return new Response(answer.body, { status: answer.status, headers });
}

/**
 * The content may run scripts, and send requests below its own path. It has an opaque origin (HTML, 7.1.5), is never
 * cached, and only pages of this server may embed it.
 */
function frameHeaders(c: Context<App>, base: string): Record<string, string> {
  const origin = originOf(c.req.raw);
  const own = `${origin}${base}`;
  return {
    "content-security-policy": [
      "sandbox allow-scripts allow-forms allow-modals",
      `default-src ${own} 'unsafe-inline' 'unsafe-eval' data: blob:`,
      `form-action ${own}`,
      `base-uri ${own}`,
      `frame-ancestors ${origin}`,
    ].join("; "),
    // The content's requests are cross-origin, without credentials.
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "*",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  };
}

/** Rewrites a redirect within the port; undefined for other redirects. */
function locationOf(location: string | null, base: string, port: number, path: string): string | undefined {
  if (location === null) return undefined;
  const inside = `http://localhost:${port}`;
  if (!URL.canParse(location, `${inside}${path}`)) return undefined;
  const target = new URL(location, `${inside}${path}`);
  if (target.origin !== inside) return undefined;
  return `${base}${target.pathname.slice(1)}${target.search}${target.hash}`;
}

function unknownPort(): ProblemError {
  return new ProblemError("port-unknown", {
    detail: "Cannot open the port: its address is invalid, or the container has ended",
  });
}

function refusalError(refusal: PortRefusal, port: number, reason: string): ProblemError {
  switch (refusal) {
    case "unknown":
      return unknownPort();
    case "too-many":
      return new ProblemError("too-many-port-requests", {
        detail: `Cannot open port ${port}: too many requests to containers are in progress`,
        hint: "Try again later.",
      });
    case "unanswered":
      return new ProblemError("port-unanswered", { detail: `Cannot open port ${port}: ${reason}` });
  }
}
