import { fromBase64 } from "../../streams/base64.ts";
import { cut } from "../../streams/cut.ts";
/** The credential of a request, before verification. */
export interface Credential {
  scheme: "basic" | "bearer";
  secret: string;
  /** User name of Basic. */
  user?: string;
}

/** Maximum number of characters of a header. */
const MAX_LENGTH = 32 * 1024;

/**
 * Parses an `Authorization` header (RFC 7617, RFC 6750). Undefined when it is missing or empty. An invalid header gives an
 * invalid credential.
 */
export function readCredential(header: string | null | undefined): Credential | undefined {
  if (!header) return undefined;
  const [, scheme = "", value = ""] = /^(\S+) +(\S+)$/.exec(header.slice(0, MAX_LENGTH).trim()) ?? [];
  if (scheme.toLowerCase() === "bearer") return { scheme: "bearer", secret: value };
  if (scheme.toLowerCase() !== "basic") return { scheme: "bearer", secret: "" };
  const text = decodeBase64(value);
  const [user, secret] = cut(text, ":");
  if (secret === undefined) return { scheme: "basic", secret: "", user: "" };
  // Some clients without a login send an empty user and password.
  if (text === ":") return undefined;
  return { scheme: "basic", user, secret };
}

function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(fromBase64(text));
  } catch {
    return "";
  }
}
