/** The origin that the client requested. A proxy that terminates TLS sends the scheme in a header. */
export function originOf({ url, headers }: Pick<Request, "url" | "headers">): string {
  const { host, origin } = new URL(url);
  return headers.get("x-forwarded-proto") === "https" ? `https://${host}` : origin;
}
