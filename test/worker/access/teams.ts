import { expect } from "vitest";
import { CredentialedServer } from "./credentialed-server.ts";

/** A server with tokens of two unrelated teams. */
interface Teams {
  server: CredentialedServer;
  ours: string;
  theirs: string;
}

export async function startTeams(): Promise<Teams> {
  const server = await CredentialedServer.start();
  const ours = (await server.createToken("push,build,delete:ours/*")).token;
  const theirs = (await server.createToken("push,build:theirs/*")).token;
  return { server, ours, theirs };
}

/** The digest that a response names. @throws {Error} when the request failed */
export async function digestOf(response: Response): Promise<string> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response.headers.get("docker-content-digest") ?? "";
}

export async function problemOf(
  response: Response,
): Promise<{ status: number; code: string; detail: string }> {
  return (await response.json()) as { status: number; code: string; detail: string };
}

/** Headers with a secret as the password of Basic. */
export const basic = (secret: string) => ({
  authorization: `Basic ${Buffer.from(`any:${secret}`).toString("base64")}`,
});

export interface TokenAnswer {
  token: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
  refresh_token?: string;
}

/** Requests a token of the registry. */
export async function fetchToken(
  server: CredentialedServer,
  query: string,
  init: RequestInit = {},
): Promise<TokenAnswer> {
  const response = await server.ask(`/v2/token?${query}`, init);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return (await response.json()) as TokenAnswer;
}
