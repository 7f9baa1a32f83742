/** The origin of a request, as the client sees it. A proxy that terminates TLS sets the scheme in a header. */
export function originOf({ url, headers }: Pick<Request, "url" | "headers">): string {
  const { host, origin } = new URL(url);
  return headers.get("x-forwarded-proto") === "https" ? `https://${host}` : origin;
}
