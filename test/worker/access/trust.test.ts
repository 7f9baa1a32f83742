import { expect, test } from "vitest";
import { accessSettings, type TrustRule } from "../../../schemas/access.ts";
import { matchingRules } from "../../../src/worker/access/trust.ts";

const rule = (claims: TrustRule["claims"]): TrustRule => ({
  name: "ci",
  issuer: "https://issuer.example.com",
  audience: "varve",
  claims,
  scopes: ["push:team/*"],
});
const claims = {
  aud: "varve",
  repository: "org/app",
  ref: "refs/heads/main",
  environment: "production",
  run_attempt: 1,
  fork: false,
  nested: { repository: "org/app" },
};

test.each<[TrustRule["claims"], boolean]>([
  [{ repository: "org/app" }, true],
  [{ repository: "org/*" }, true],
  [{ repository: "other/*" }, false],
  [{ repository: ["other/app", "org/app"] }, true],
  [{ repository: "org/*", ref: "refs/heads/*" }, true],
  [{ repository: "org/*", ref: "refs/tags/*" }, false],
  [{ repository: "org/*", environment: "production" }, true],
  [{ repository: "org/*", absent: "**" }, false],
  [{ run_attempt: "1" }, true],
  [{ fork: "false" }, true],
  [{ nested: "**" }, false],
  [{ constructor: "**" }, false],
  [{ repository: "org/ap" }, false],
])("%j matches: %s", (wanted, matches) => {
  expect(matchingRules([rule(wanted)], claims)).toHaveLength(matches ? 1 : 0);
});

test("the audience is that of the rule, or one of several", () => {
  const wanted = rule({ repository: "org/app" });
  expect(matchingRules([wanted], { ...claims, aud: ["a", "varve"] })).toEqual([wanted]);
  for (const aud of ["other", [], undefined]) expect(matchingRules([wanted], { ...claims, aud })).toEqual([]);
});

test.each([
  ["asks for nothing", { claims: {} }],
  ["asks for anything", { claims: { repository: "**", ref: ["main", "*"] } }],
  ["has no scope", { scopes: [] }],
  ["has an issuer that is no URL", { issuer: "issuer" }],
  ["has an issuer of another kind", { issuer: "file:///etc/passwd" }],
])("a rule that %s is refused", (_, part) => {
  const trust = [{ ...rule({ repository: "org/app" }), ...part }];
  expect(accessSettings.safeParse({ trust }).success).toBe(false);
});

test("two rules of a name are refused", () => {
  const one = rule({ repository: "org/app" });
  expect(accessSettings.safeParse({ trust: [one, one] }).success).toBe(false);
});
