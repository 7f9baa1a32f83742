import { UsageError } from "../command-error.ts";
import type { FlagTable } from "./table.ts";

/** The address of `npm start`. */
const home = "http://localhost:8787";

/** Flags of every command that speaks to a server. */
export const serverFlags = {
  server: {
    kind: "text",
    value: "URL",
    help: "URL of the server (default: VARVE_SERVER, or http://localhost:8787)",
  },
  token: {
    kind: "text",
    help: "Access token for the server (default: VARVE_TOKEN, or that of `varve login`)",
  },
} as const satisfies FlagTable;

/** The server that a command speaks to. @throws {UsageError} */
export function serverFlag(
  flag: string | undefined,
  environment: Record<string, string | undefined>,
): string {
  const text = flag || environment.VARVE_SERVER || home;
  // Docker writes registries without a scheme.
  const url = text.includes("://")
    ? text
    : `${/^(localhost|127\.|\[::1\])/.test(text) ? "http" : "https"}://${text}`;
  if (url.includes("@"))
    throw new UsageError(
      "the URL of the server contains a user name or password",
      "Pass a token with --token.",
    );
  if (!isServer(url))
    throw new UsageError(
      `the server ${JSON.stringify(text)} is not an http or https URL`,
      "Example: https://varve.example",
    );
  return url;
}

/** Whether a text is an http or https URL to which paths can be appended. */
function isServer(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !/[?#]/.test(text);
}
