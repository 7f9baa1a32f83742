import { z } from "zod";
import type { Credentials, Logins } from "../registry/remote/authorizer.ts";
import { fromBase64Url } from "../streams/base64.ts";

/** Credentials in docker's form: in the header `X-Registry-Auth`, or in the body of `POST /auth`. */
const authConfig = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  /** `username:password` in Base64. */
  auth: z.string().optional(),
  serveraddress: z.string().optional(),
  identitytoken: z.string().optional(),
});

const authConfigs = z.record(z.string(), authConfig);

export interface RegistryAuth {
  credentials: Credentials | undefined;
  /** Host of the registry, as in references; empty when it is missing. */
  host: string;
}

/** Reads the header `X-Registry-Auth`: JSON in Base64url. As in dockerd, an invalid header is ignored. */
export function readAuthHeader(header: string | null): Credentials | undefined {
  if (!header) return undefined;
  try {
    return readAuth(decodeHeader(header)).credentials;
  } catch {
    return undefined;
  }
}

/**
 * Reads the header `X-Registry-Config` of a build: JSON in Base64url, from addresses of registries to credentials.
 * @throws {TypeError} when it is invalid; the message contains no part of the header
 */
export function readConfigHeader(header: string | null): Logins {
  if (!header) return {};
  const logins: Record<string, Credentials> = {};
  try {
    for (const [address, value] of Object.entries(authConfigs.parse(decodeHeader(header)))) {
      const { credentials } = readAuth(value);
      const host = hostOf(address);
      if (credentials !== undefined && host !== "") logins[host] = credentials;
    }
  } catch {
    throw new TypeError("X-Registry-Config is not a JSON object of credentials in Base64url");
  }
  return logins;
}

function decodeHeader(header: string): unknown {
  return JSON.parse(new TextDecoder().decode(fromBase64Url(header.trim())));
}

/** @throws {ZodError} */
export function readAuth(value: unknown): RegistryAuth {
  const { username = "", password = "", auth, serveraddress = "", identitytoken } = authConfig.parse(value);
  const [user = "", ...rest] = auth === undefined ? [] : atob(auth).split(":");
  const credentials = {
    username: username || user,
    password: password || rest.join(":"),
    ...(identitytoken && { identityToken: identitytoken }),
  };
  const isEmpty = credentials.username === "" && credentials.password === "" && !identitytoken;
  return { credentials: isEmpty ? undefined : credentials, host: hostOf(serveraddress) };
}

/** Docker names registries by URLs of several kinds; Docker Hub is `https://index.docker.io/v1/`. */
function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return /^(?:index\.|registry-1\.)?docker\.io$/.test(host) ? "docker.io" : host;
}
