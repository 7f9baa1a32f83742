import type { CredentialRefusal } from "./caller.ts";
import { type Grant, scopeOfGrant } from "./grants.ts";
import { type AccessRecords, prove, type Sender } from "./identify.ts";
import { grantScopes, readRegistryScopes } from "./registry-scope.ts";
import { type SignedClaims, sign } from "./signed-token.ts";

/** A request to the token endpoint. */
export interface TokenIssueRequest extends Sender {
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

/** Maximum validity of a registry token in seconds; it ends with the credential for which it was issued. */
const ACCESS_SECONDS = 15 * 60;
/**
 * Validity of a refresh token for an OIDC token in seconds: the maximum duration of a job of GitHub. The OIDC token itself is
 * valid for a few minutes only.
 */
const REFRESH_SECONDS_OF_OIDC = 6 * 60 * 60;

/** Issues a registry token for a valid credential, or for a guest. */
export async function issue(
  request: TokenIssueRequest,
  known: AccessRecords,
): Promise<Issued | { refusal: CredentialRefusal }> {
  const { credential, address, scopes, offline } = request;
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
      refusal: { reason: "unknown", detail: "a registry token cannot be used to get another one" },
    };
  }
  const { subject: by, grants, expires } = proven;
  const pulls = known.settings.public.map((repositories): Grant => ({ rights: ["pull"], repositories }));
  const granted = grantScopes(readRegistryScopes(scopes), [...grants, ...pulls]).map(scopeOfGrant);
  const isOidc = by.kind === "oidc" && proven.use !== "refresh";
  const access = await issued({ by, scopes: granted }, isOidc ? undefined : expires);
  if (!offline || proven.use === "refresh") return access;
  const exp = isOidc ? seconds + REFRESH_SECONDS_OF_OIDC : expires;
  const refresh = { by, scopes: grants.map(scopeOfGrant), ...(exp !== undefined && { exp }) };
  return { ...access, refreshToken: await sign({ ...refresh, use: "refresh" }, known.signingKeys()) };
}
