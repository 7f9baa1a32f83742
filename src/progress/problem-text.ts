import { plainText } from "./terminal-text.ts";

/** Formats a failure: its message, and a line with the hint. Escapes both, because they may quote untrusted text. */
export function problemText(message: string, hint: string | undefined): string {
  return plainText(`ERROR: ${message}\n${hint === undefined ? "" : `HINT: ${hint}\n`}`);
}
