/** Where `npm start` serves. */
const home = "http://localhost:8787";

/** The server that a command speaks to. */
export function serverFlag(
  flag: string | undefined,
  environment: Record<string, string | undefined>,
): string {
  return flag ?? (environment.VARVE_SERVER || home);
}
