import type { FlagTable } from "./flags/table.ts";

/** Where `npm start` serves. */
const home = "http://localhost:8787";

/** Flags of every command that speaks to a server. */
export const serverFlags = {
  server: {
    kind: "text",
    value: "URL",
    help: "The server (default: VARVE_SERVER, or http://localhost:8787)",
  },
  token: {
    kind: "text",
    help: "What the server asks of its users (default: VARVE_TOKEN, or what `varve login` stored)",
  },
} as const satisfies FlagTable;

/** The server that a command speaks to. */
export function serverFlag(
  flag: string | undefined,
  environment: Record<string, string | undefined>,
): string {
  const url = flag || environment.VARVE_SERVER || home;
  // Docker writes registries without a scheme.
  return url.includes("://") ? url : `${/^(localhost|127\.|\[::1\])/.test(url) ? "http" : "https"}://${url}`;
}
