import type { Refusal } from "./caller.ts";
import { type Grant, scopeOfGrant } from "./grants.ts";
import { type Known, prove, type Shown } from "./identify.ts";
import { grantedOf, readRegistryScopes } from "./registry-scope.ts";
import { type SignedClaims, sign } from "./signed-token.ts";

/** What is asked of the token endpoint. */
export interface TokenAsked extends Shown {
  scopes: readonly string[];
  /** A refresh token, too. */
  offline: boolean;
}

/** What it gives. */
export interface Issued {
  token: string;
  /** Seconds for which it is good. */
  expiresIn: number;
  /** RFC 3339. */
  issuedAt: string;
  refreshToken?: string;
}

/** Seconds for which a token of the registry is good. What it was made by virtue of can end it before. */
const accessSeconds = 15 * 60;
/**
 * Seconds for which more may be had by virtue of an OIDC token, which itself is good for some minutes: as long as a job
 * of GitHub may take.
 */
const refreshSecondsOfOidc = 6 * 60 * 60;

/** Makes a token of the registry for whoever shows a credential, or for a guest. */
export async function issue(asked: TokenAsked, known: Known): Promise<Issued | { refusal: Refusal }> {
  const { credential, address, scopes, offline } = asked;
  const seconds = Math.floor(known.now / 1000);
  const issued = async (claims: Omit<SignedClaims, "use" | "exp">, until = Number.POSITIVE_INFINITY) => {
    const exp = Math.min(seconds + accessSeconds, until);
    return {
      token: await sign({ ...claims, use: "access", exp }, await known.signingKey()),
      expiresIn: exp - seconds,
      issuedAt: new Date(seconds * 1000).toISOString(),
    };
  };
  // What is public a guest may pull whether or not he asks for it.
  if (credential === undefined) return issued({ by: { kind: "guest" }, scopes: [] });

  const proven = await prove(credential.secret, address, known);
  if ("reason" in proven) return { refusal: proven };
  if (proven.use === "access") {
    return {
      refusal: { reason: "unknown", detail: "a token of the registry cannot be used to get another" },
    };
  }
  const { subject: by, grants, expires } = proven;
  const pulls = known.settings.public.map((repositories): Grant => ({ rights: ["pull"], repositories }));
  const granted = grantedOf(readRegistryScopes(scopes), [...grants, ...pulls]).map(scopeOfGrant);
  const isOidc = by.kind === "oidc" && proven.use !== "refresh";
  const access = await issued({ by, scopes: granted }, isOidc ? undefined : expires);
  if (!offline || proven.use === "refresh") return access;
  const exp = isOidc ? seconds + refreshSecondsOfOidc : expires;
  const refresh = { by, scopes: grants.map(scopeOfGrant), ...(exp !== undefined && { exp }) };
  return { ...access, refreshToken: await sign({ ...refresh, use: "refresh" }, await known.signingKey()) };
}
