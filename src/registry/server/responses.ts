import type { RegistryError } from "../errors.ts";
import { splitForeignName } from "../names.ts";

/** Without no-transform, a proxy would compress JSON, which removes its length. */
const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-cache, no-transform" };

/** A JSON response with its length; without a body for HEAD. */
export function jsonResponse(value: unknown, method: string, headers: Record<string, string> = {}): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  return new Response(method === "HEAD" ? null : bytes, {
    headers: { ...JSON_HEADERS, "Content-Length": String(bytes.length), ...headers },
  });
}

/** A response without a body. */
export function emptyResponse(status: number, headers: Record<string, string> = {}): Response {
  // Clients that keep the connection open need the length; 204 must not have one (RFC 9110, 8.6).
  return new Response(null, {
    status,
    headers: status === 204 ? headers : { "Content-Length": "0", ...headers },
  });
}

/** The response to a failed request (distribution-spec, "Error Codes"); without a body for HEAD. */
export function errorResponse({ code, message, detail, status, headers }: RegistryError, method: string) {
  const bytes = new TextEncoder().encode(`${JSON.stringify({ errors: [{ code, message, detail }] })}\n`);
  return new Response(method === "HEAD" ? null : bytes, {
    status,
    headers: {
      "Content-Type": "application/json",
      "Content-Length": String(bytes.length),
      "Cache-Control": "no-store, no-transform",
      ...headers,
    },
  });
}

/** The path and query of a resource in a repository, for `Location` and `Link` headers. */
export function resourceAddress(
  name: string,
  resource: string,
  query: Record<string, string | undefined> = {},
): string {
  const foreign = splitForeignName(name);
  const given = Object.entries({ ...query, ns: foreign?.host }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const path = `/v2/${foreign?.path ?? name}${name === "" ? "" : "/"}${resource}`;
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** The Link header for the next page (RFC 8288). */
export function nextLink(address: string): { Link: string } {
  return { Link: `<${address}>; rel="next"` };
}

/** Whether the client already has the content (RFC 9110, 13.1.2). */
export function isNotModified(request: Request, etag: string): boolean {
  const known = request.headers.get("If-None-Match");
  return known?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag) ?? false;
}

/**
 * `Cache-Control` for content that is addressed by digest, and therefore never changes. Without no-transform, a proxy could
 * compress it and change its length. Only the client itself may cache private content.
 */
export function immutableCacheControl(isPublic: boolean): string {
  return `${isPublic ? "public" : "private"}, max-age=31536000, immutable, no-transform`;
}
