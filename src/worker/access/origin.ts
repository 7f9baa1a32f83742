/** The origin that a client asked for. A proxy that ends TLS says that it was https. */
export function originOf({ url, headers }: Pick<Request, "url" | "headers">): string {
  const { host, origin } = new URL(url);
  return headers.get("x-forwarded-proto") === "https" ? `https://${host}` : origin;
}
