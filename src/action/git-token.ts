import type { Environment } from "./workflow.ts";

/**
 * Sets variables with which git sends a token to GitHub, and only to GitHub, when it fetches a context.
 * @param environment changed by this function
 */
export function useGitToken(environment: Record<string, string | undefined>, token: string): void {
  const server = serverOf(environment);
  if (token === "" || server === undefined) return;
  const count = Number(environment.GIT_CONFIG_COUNT ?? 0);
  environment.GIT_CONFIG_COUNT = String(count + 1);
  environment[`GIT_CONFIG_KEY_${count}`] = `http.${server}/.extraheader`;
  environment[`GIT_CONFIG_VALUE_${count}`] = `AUTHORIZATION: basic ${btoa(`x-access-token:${token}`)}`;
}

function serverOf({ GITHUB_SERVER_URL: url }: Environment): string | undefined {
  return url && URL.canParse(url) ? new URL(url).origin : undefined;
}
