/** Prefix of the tokens of clients' runners. */
export const buildRunnerPrefix = "build-";
/** Prefix of the tokens of runners in this server's containers. */
export const containerPrefix = "container-";

/** Generates a token of 244 random bits, in letters and digits. */
export function randomToken(): string {
  return `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
}
