import { fromBase64 } from "../../streams/base64.ts";
/** What a request shows, not yet judged. */
export interface Credential {
  scheme: "basic" | "bearer";
  secret: string;
  /** Of Basic. */
  user?: string;
}

/** Characters of a header that are read. */
const longest = 32 * 1024;

/**
 * Reads an `Authorization` header (RFC 7617, RFC 6750). Undefined when there is none, or none that says anything; a
 * header that cannot be read is a credential that nobody has.
 */
export function readCredential(header: string | null | undefined): Credential | undefined {
  if (!header) return undefined;
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(header.slice(0, longest).trim()) ?? [];
  if (scheme.toLowerCase() === "bearer") return { scheme: "bearer", secret: value };
  if (scheme.toLowerCase() !== "basic") return { scheme: "bearer", secret: "" };
  const text = decodeBase64(value);
  const colon = text.indexOf(":");
  if (colon < 0) return { scheme: "basic", secret: "", user: "" };
  // Some clients who know nobody say just that.
  if (text === ":") return undefined;
  return { scheme: "basic", user: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(fromBase64(text));
  } catch {
    return "";
  }
}
