import { decodeJwt, errors, jwtVerify } from "jose";
import type { TrustRule } from "../../../schemas/access.ts";
import type { Grant } from "./grants.ts";
import type { IssuerKeys } from "./issuer-keys.ts";
import { type Claims, grantsOf, matchingRules } from "./trust.ts";

/** Only algorithms with public keys: anyone could sign with a shared secret. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
/** Allowed difference of clocks in seconds. */
const CLOCK_TOLERANCE = 30;
/** Claims in the error for a genuine token that no rule trusts: those that rules for GitHub usually check. */
const reportedClaims = ["repository", "ref", "environment", "sub"];

/** Result of verifying an OIDC token. */
type Verified =
  | { rules: TrustRule[]; expires: number; grants: Grant[] }
  | { refused: "unknown" | "expired" | "untrusted"; detail: string };

/** Whether a secret has the form of a JWT. */
export function isJwt(secret: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret);
}

/**
 * Verifies a token with the rules for its issuer. Fetches keys only from issuers of rules.
 * Errors: `IssuerUnavailableError`
 */
export async function verifyOidc(
  token: string,
  rules: readonly TrustRule[],
  keys: Pick<IssuerKeys, "of">,
): Promise<Verified> {
  const ofIssuer = rules.filter(({ issuer }) => issuer === issuerOf(token));
  const [first] = ofIssuer;
  if (first === undefined) return unknown("no rule trusts its issuer");
  let claims: Claims;
  try {
    const { payload } = await jwtVerify(token, keys.of(first.issuer), {
      issuer: first.issuer,
      audience: [...new Set(ofIssuer.map(({ audience }) => audience))],
      algorithms,
      clockTolerance: CLOCK_TOLERANCE,
      requiredClaims: ["exp"],
    });
    claims = payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return { refused: "expired", detail: "the OIDC token has expired" };
    }
    if (error instanceof errors.JWTClaimValidationFailed)
      return unknown(`its claim ${error.claim} is invalid`);
    if (error instanceof errors.JOSEError) return unknown("its signature cannot be verified");
    throw error;
  }
  const matching = matchingRules(ofIssuer, claims);
  if (matching.length > 0)
    return { rules: matching, expires: claims.exp as number, grants: grantsOf(matching, claims) };
  const found = reportedClaims.flatMap((name) =>
    name in claims ? `${name} ${JSON.stringify(claims[name])}` : [],
  );
  return {
    refused: "untrusted",
    detail: `the OIDC token is genuine, but no rule matches it: ${found.join(", ").slice(0, 500)}`,
  };
}

function unknown(why: string): Verified {
  return { refused: "unknown", detail: `the OIDC token is not valid: ${why}` };
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
