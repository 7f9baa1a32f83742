import type { CredentialRefusal } from "./caller.ts";
import { type Grant, scopeOfGrant } from "./grants.ts";
import { type Known, prove, type Shown } from "./identify.ts";
import { grantedOf, readRegistryScopes } from "./registry-scope.ts";
import { type SignedClaims, sign } from "./signed-token.ts";

/** A request to the token endpoint. */
export interface TokenAsked extends Shown {
  scopes: readonly string[];
  /** Whether to issue a refresh token, too. */
  offline: boolean;
}

/** An issued token. */
export interface Issued {
  token: string;
  /** Seconds of validity. */
  expiresIn: number;
  /** RFC 3339. */
  issuedAt: string;
  refreshToken?: string;
}

/** Validity of a registry token in seconds. It ends earlier when the credential behind it does. */
const ACCESS_SECONDS = 15 * 60;
/**
 * Validity of a refresh token for an OIDC token in seconds, as long as a job of GitHub may take. The OIDC token itself
 * is valid for some minutes.
 */
const REFRESH_SECONDS_OF_OIDC = 6 * 60 * 60;

/** Issues a registry token for a valid credential, or for a guest. */
export async function issue(
  asked: TokenAsked,
  known: Known,
): Promise<Issued | { refusal: CredentialRefusal }> {
  const { credential, address, scopes, offline } = asked;
  const seconds = Math.floor(known.now / 1000);
  const issued = async (claims: Omit<SignedClaims, "use" | "exp">, until = Number.POSITIVE_INFINITY) => {
    const exp = Math.min(seconds + ACCESS_SECONDS, until);
    return {
      token: await sign({ ...claims, use: "access", exp }, known.signingKeys()),
      expiresIn: exp - seconds,
      issuedAt: new Date(seconds * 1000).toISOString(),
    };
  };
  // A guest may pull from public repositories with any scope.
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
  const exp = isOidc ? seconds + REFRESH_SECONDS_OF_OIDC : expires;
  const refresh = { by, scopes: grants.map(scopeOfGrant), ...(exp !== undefined && { exp }) };
  return { ...access, refreshToken: await sign({ ...refresh, use: "refresh" }, known.signingKeys()) };
}
