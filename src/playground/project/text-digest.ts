import { sha256 } from "../../streams/sha256.ts";

/** Computes the digest of a text in UTF-8. */
export function digestOf(text: string): string {
  return sha256(new TextEncoder().encode(text));
}
