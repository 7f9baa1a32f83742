import { plainText } from "./terminal-text.ts";

/** What is printed of a failure: its message, and a line with what to do. Both may quote text of others. */
export function problemText(message: string, hint: string | undefined): string {
  return plainText(`ERROR: ${message}\n${hint === undefined ? "" : `HINT: ${hint}\n`}`);
}
