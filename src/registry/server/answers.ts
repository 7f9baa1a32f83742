/** What every answer with JSON has: compressing it on the way would cost it its length. */
const LIST_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-cache, no-transform" };

/** JSON with its length; without a body for HEAD. */
export function jsonAnswer(value: unknown, method: string, headers: Record<string, string> = {}): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  return new Response(method === "HEAD" ? null : bytes, {
    headers: { ...LIST_HEADERS, "Content-Length": String(bytes.length), ...headers },
  });
}

/** An answer that has no body. */
export function emptyAnswer(status: number, headers: Record<string, string> = {}): Response {
  // Clients that keep the connection want to be told; 204 may not say so (RFC 9110, 8.6).
  return new Response(null, {
    status,
    headers: status === 204 ? headers : { "Content-Length": "0", ...headers },
  });
}

/** Where a list goes on (RFC 8288). */
export function nextLink(path: string, query: Record<string, string | undefined>): { Link: string } {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { Link: `<${path}?${new URLSearchParams(given)}>; rel="next"` };
}

/** Whether the client has it already (RFC 9110, 13.1.2). */
export function isNotModified(request: Request, etag: string): boolean {
  const known = request.headers.get("If-None-Match");
  return known?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag) ?? false;
}

/**
 * A content under its digest never changes. Compression on the way would change its length. What not everybody may have
 * nobody keeps but its receiver.
 */
export function immutable(isPublic: boolean): string {
  return `${isPublic ? "public" : "private"}, max-age=31536000, immutable, no-transform`;
}
