import type { TrustRule } from "../../../schemas/access.ts";
import { jobRepository } from "../../registry/names.ts";
import { sha256 } from "../../streams/sha256.ts";
import { type Grant, grantOf, patternsWith } from "./grants.ts";
import { matchesPattern } from "./pattern.ts";

/** Claims of a verified token. */
export interface Claims {
  aud?: string | string[] | undefined;
  [name: string]: unknown;
}

/** The rules of the issuer that match a token: the audience is equal, and every named claim matches. */
export function matchingRules(rules: readonly TrustRule[], claims: Claims): TrustRule[] {
  const audiences = [claims.aud ?? []].flat();
  return rules.filter(
    ({ audience, claims: wanted }) =>
      audiences.includes(audience) &&
      Object.entries(wanted).every(([name, patterns]) => {
        const value = Object.hasOwn(claims, name) ? textOf(claims[name]) : undefined;
        return value !== undefined && [patterns].flat().some((pattern) => matchesPattern(pattern, value));
      }),
  );
}

/** The digest of a rule, which changes with every part of it. */
export function ruleDigest(rule: TrustRule): string {
  return sha256(JSON.stringify(rule));
}

/**
 * The grants of all matching rules. A token that may build any image may also build unnamed images, into the repository of
 * its job: see `jobRepository`.
 */
export function grantsOf(
  rules: readonly Pick<TrustRule, "scopes" | "claims">[],
  { repository }: Claims = {},
): Grant[] {
  const grants = rules.flatMap(({ scopes }) => scopes.map(grantOf));
  // Use the claim only if a rule checks it: an issuer may let clients choose other claims.
  const isChecked = rules.some(
    ({ claims, scopes }) =>
      ("repository" in claims || "repository_owner" in claims) &&
      patternsWith(scopes.map(grantOf), "build").length > 0,
  );
  const own = isChecked && typeof repository === "string" ? jobRepository(repository) : undefined;
  return own === undefined ? grants : [...grants, { rights: ["build"], repositories: own }];
}

/** Maximum length of a value in characters. Longer ones match nothing, to limit the time. */
const MAX_LENGTH = 2048;

function textOf(value: unknown): string | undefined {
  const text = typeof value === "boolean" || typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.length <= MAX_LENGTH ? text : undefined;
}
