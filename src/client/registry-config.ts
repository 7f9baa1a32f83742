import type { Credentials } from "../registry/remote/authorizer.ts";
import { toBase64Url } from "../streams/base64.ts";

/** The value of docker's header `X-Registry-Config`: JSON in Base64url, from hosts of registries to credentials. */
export function encode(logins: ReadonlyMap<string, Credentials>): string {
  const configs = [...logins].map(([host, { username, password, identityToken }]) => [
    host,
    { username, password, ...(identityToken !== undefined && { identitytoken: identityToken }) },
  ]);
  return toBase64Url(new TextEncoder().encode(JSON.stringify(Object.fromEntries(configs))));
}
