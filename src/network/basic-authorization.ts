import { toBase64 } from "../streams/base64.ts";

/** The `Authorization` header of RFC 7617, in UTF-8. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${toBase64(new TextEncoder().encode(`${user}:${password}`))}`;
}
