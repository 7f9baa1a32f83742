/** Tokens of runners beside clients begin so. */
export const buildRunnerPrefix = "build-";
/** And those of runners in containers of this server. */
export const containerPrefix = "container-";

/** 244 random bits, in letters and digits. */
export function randomToken(): string {
  return `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
}
