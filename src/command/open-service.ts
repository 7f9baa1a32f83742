import { existsSync } from "node:fs";
import packageInfo from "../../package.json" with { type: "json" };
import { Service } from "../client/service.ts";
import { configFile } from "../machine/docker-config-file.ts";
import type { Credentials } from "../registry/remote/authorizer.ts";
import { UsageError } from "./command-error.ts";
import { serverFlag } from "./flags/server-flag.ts";

/**
 * Opens the server that the flags name, with the user's credential for it.
 * @param agent the `User-Agent` of requests
 */
export async function openService(
  { server, token }: { server: string; token: string | undefined },
  signal?: AbortSignal,
  agent = `varve/${packageInfo.version}`,
): Promise<Service> {
  return new Service(server, {
    agent,
    authorization: await authorizationFor(server, token),
    loginFor,
    signal,
  });
}

/** The server that a command's own flags name. */
export function openFlaggedService(values: {
  server: string | undefined;
  token: string | undefined;
}): Promise<Service> {
  return openService({ server: serverFlag(values.server, process.env), token: values.token });
}

/** The credentials that `docker login` or `varve login` stored for a registry. @throws {Error} */
export async function loginFor(registry: string): Promise<Credentials | undefined> {
  if (!existsSync(configFile(process.env))) return undefined;
  const { storedCredentials } = await import("../machine/docker-credentials.ts");
  return storedCredentials(registry, process.env);
}

/**
 * A token without surrounding white space, such as the newline at the end of a file; undefined for an empty one.
 * @param hint where to correct it
 * @throws {UsageError} for a token that no header can contain. `fetch` would quote it in its error.
 */
export function readToken(text: string | undefined, hint: string): string | undefined {
  const token = text?.trim();
  if (token !== undefined && /[^ -~]/.test(token))
    throw new UsageError("the token contains invalid characters", hint);
  return token || undefined;
}

/**
 * The flag, VARVE_TOKEN, or what `varve login` and `docker login` have stored for the host.
 * @throws {UsageError} for a token that no header can contain
 */
export async function authorizationFor(
  server: string,
  token: string | undefined,
): Promise<string | undefined> {
  const given = readToken(token || process.env.VARVE_TOKEN, "Check --token or VARVE_TOKEN.");
  if (given !== undefined) return `Bearer ${given}`;
  // Most machines have no such file, so the module that reads it is loaded only when it exists.
  if (!existsSync(configFile(process.env))) return undefined;
  const { storedAuthorization } = await import("../machine/docker-credentials.ts");
  return storedAuthorization(new URL(server).host, process.env);
}
