import { pause } from "../streams/pause.ts";
import { trimEnd } from "../streams/trim-end.ts";
import type { Environment } from "./workflow.ts";

const MAX_TRIES = 4;
const TIMEOUT_MS = 20_000;

/** Whether the job has the permission to request OIDC tokens. */
export function hasIdToken({
  ACTIONS_ID_TOKEN_REQUEST_URL,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN,
}: Environment): boolean {
  return Boolean(ACTIONS_ID_TOKEN_REQUEST_URL && ACTIONS_ID_TOKEN_REQUEST_TOKEN);
}

/**
 * Requests GitHub's OIDC token of this job for one server (GitHub Docs, "OpenID Connect reference"). It is valid for some
 * minutes.
 * @throws {Error} when GitHub returns no token
 */
export async function idToken(environment: Environment, audience: string): Promise<string> {
  const url = new URL(environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? "");
  url.searchParams.set("audience", audience);
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`,
  };
  let reason = "";
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) await pause(500 * 2 ** tries);
    try {
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const { value } = (await answer.json().catch(() => ({}))) as { value?: unknown };
      if (answer.ok && typeof value === "string") return value;
      reason = `it returned status ${answer.status}`;
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new Error(`Cannot get an OIDC token from GitHub: ${reason}`);
}

/**
 * Exchanges an OIDC token for a token of the server, which is valid for as long as a build may take. Undefined when the
 * server returns none.
 */
export async function exchangeIdToken(server: string, token: string): Promise<string | undefined> {
  const form = {
    grant_type: "password",
    access_type: "offline",
    client_id: "varve-action",
    service: new URL(server).host,
  };
  const body = new URLSearchParams({ ...form, username: "oidc", password: token });
  try {
    const answer = await fetch(`${trimEnd(server, "/")}/v2/token`, {
      method: "POST",
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) return undefined;
    const { refresh_token } = (await answer.json()) as { refresh_token?: unknown };
    return typeof refresh_token === "string" ? refresh_token : undefined;
  } catch {
    // The first request of the build will report an unreachable server.
    return undefined;
  }
}
