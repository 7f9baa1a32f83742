import { z } from "zod";
import type { Credentials } from "../registry/remote/authorizer.ts";

/** Credentials as docker sends them: in the header `X-Registry-Auth`, or as the body of `POST /auth`. */
const authConfig = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  /** `username:password` in Base64. */
  auth: z.string().optional(),
  serveraddress: z.string().optional(),
  identitytoken: z.string().optional(),
});

export interface RegistryAuth {
  credentials: Credentials | undefined;
  /** Host of the registry, as in references; empty when it is not stated. */
  host: string;
}

/** Reads the header `X-Registry-Auth`: JSON in Base64url. As dockerd, one that cannot be read counts as none. */
export function readAuthHeader(header: string | null): Credentials | undefined {
  if (!header) return undefined;
  try {
    const binary = atob(header.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
    return readAuth(JSON.parse(text)).credentials;
  } catch {
    return undefined;
  }
}

/** @throws ZodError */
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
