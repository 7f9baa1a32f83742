import { trimEnd } from "../streams/trim-end.ts";
import type { Environment } from "./workflow.ts";

/** GitHub says no. */
export class IdTokenError extends Error {
  override name = "IdTokenError";
}

const mostTries = 4;
/** Milliseconds for an answer. */
const patience = 20_000;

/** Whether the job may ask GitHub who it is. */
export function hasIdToken({
  ACTIONS_ID_TOKEN_REQUEST_URL,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN,
}: Environment): boolean {
  return Boolean(ACTIONS_ID_TOKEN_REQUEST_URL && ACTIONS_ID_TOKEN_REQUEST_TOKEN);
}

/**
 * What GitHub signs about this job, for one server (GitHub Docs, "OpenID Connect reference"). Good for some minutes.
 * @throws {IdTokenError}
 */
export async function idToken(environment: Environment, audience: string): Promise<string> {
  const url = new URL(environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? "");
  url.searchParams.set("audience", audience);
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${environment.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`,
  };
  let why = "";
  for (let tries = 0; tries < mostTries; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    try {
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(patience) });
      const { value } = (await answer.json().catch(() => ({}))) as { value?: unknown };
      if (answer.ok && typeof value === "string") return value;
      why = `it answered with status ${answer.status}`;
      if (answer.status < 500 && answer.status !== 429) break;
    } catch (error) {
      why = (error as Error).message;
    }
  }
  throw new IdTokenError(`GitHub gave no OIDC token: ${why}`);
}

/**
 * A token of the server for whoever shows that he is this job: it is good for as long as a build may take. Undefined when
 * the server gives none.
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
      signal: AbortSignal.timeout(patience),
    });
    if (!answer.ok) return undefined;
    const { refresh_token } = (await answer.json()) as { refresh_token?: unknown };
    return typeof refresh_token === "string" ? refresh_token : undefined;
  } catch {
    // Whoever cannot be reached is told of by the first request of the build.
    return undefined;
  }
}
