import { expect, test } from "vitest";
import { accessSettings, type TrustRule } from "../../../schemas/access.ts";
import { grantsOf, matchingRules } from "../../../src/worker/access/trust.ts";

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
])("claims %j match: %s", (wanted, matches) => {
  expect(matchingRules([rule(wanted)], claims)).toHaveLength(matches ? 1 : 0);
});

test("the audience is that of the rule, or a list that contains it", () => {
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
])("a rule that %s is rejected", (_, part) => {
  const trust = [{ ...rule({ repository: "org/app" }), ...part }];
  expect(accessSettings.safeParse({ trust }).success).toBe(false);
});

test("two rules with one name are rejected", () => {
  const one = rule({ repository: "org/app" });
  expect(accessSettings.safeParse({ trust: [one, one] }).success).toBe(false);
});

const own = (repository: string) => ({ rights: ["build"], repositories: `builds/${repository}` });

test.each<[string, Partial<TrustRule>, unknown, object | undefined]>([
  ["for the repository of the job", {}, "My-Org/app", own("my-org/app")],
  ["by a rule about its owner", { claims: { repository_owner: "org" } }, "org/app", own("org/app")],
  ["with any right that includes building", { scopes: ["admin:**"] }, "org/app", own("org/app")],
  ["not without a right to build", { scopes: ["push:team/app"] }, "org/app", undefined],
  ["not by a rule that is not about the repository", { claims: { sub: "x" } }, "org/app", undefined],
  ["not without the claim", {}, undefined, undefined],
  ["not for another type", {}, ["org/app"], undefined],
  ["not for a pattern", {}, "org/*", undefined],
  ["not for a name that no image has", {}, "org/.github", undefined],
])("images without a name can be built %s", (_, part, repository, expected) => {
  const rules = [{ ...rule({ repository: "**" }), scopes: ["build:team/app"], ...part }];
  const [, ...implied] = grantsOf(rules, { aud: "varve", repository });
  expect(implied).toEqual(expected === undefined ? [] : [expected]);
});
