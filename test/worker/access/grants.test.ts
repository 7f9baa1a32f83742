import { describe, expect, test } from "vitest";
import { type Right, right, scope } from "../../../schemas/access.ts";
import { covers, grantOf, patternsWith, scopeOfGrant } from "../../../src/worker/access/grants.ts";

/** Scopes → what they cover on `team/app`, and nothing else. */
const table: [scopes: string[], rights: Right[]][] = [
  [[], []],
  [["pull:team/app"], ["pull"]],
  [["push:team/app"], ["pull", "push"]],
  [["delete:team/app"], ["delete"]],
  [["build:team/app"], ["pull", "build"]],
  [["run:team/app"], ["run"]],
  [["start:team/app"], ["start", "pull"]],
  [["admin:team/app"], ["pull", "push", "delete", "build", "run", "start", "admin"]],
  [["admin:**"], ["pull", "push", "delete", "build", "run", "start", "admin"]],
  [["pull,delete:team/*"], ["pull", "delete"]],
  [
    ["pull:team/*", "run:**"],
    ["pull", "run"],
  ],
  [["push:other/*", "pull:team/app2", "admin:app", "build:team"], []],
  [["admin:*"], []],
];

describe.each(table)("%j", (scopes, rights) => {
  const grants = scopes.map(grantOf);

  test.each(right.options)("%s on team/app", (wanted) => {
    expect(covers(grants, { right: wanted, repositories: ["team/app"] })).toBe(rights.includes(wanted));
  });
});

test("every repository must be covered by a grant", () => {
  const grants = ["push:a/*", "push:b"].map(grantOf);
  expect(covers(grants, { right: "push", repositories: ["a/x", "b"] })).toBe(true);
  expect(covers(grants, { right: "push", repositories: ["a/x", "b", "c"] })).toBe(false);
});

test("only the explicit grant admin:** administers the server", () => {
  const required = { right: "admin", server: true } as const;
  expect(covers([grantOf("admin:**")], required)).toBe(true);
  expect(covers([grantOf("pull,admin:**")], required)).toBe(true);
  for (const scope of [
    "admin:*",
    "admin:team/**",
    "pull,push,delete,build,run,start:**",
    "admin:**/*",
    "admin:***",
  ])
    expect(covers([grantOf(scope)], required)).toBe(false);
});

test("a written scope parses to the same value", () => {
  expect(scopeOfGrant(grantOf("pull,push:team/*"))).toBe("pull,push:team/*");
  expect(patternsWith([grantOf("run,pull:a"), grantOf("admin:b/*"), grantOf("push:c")], "run")).toEqual([
    "a",
    "b/*",
  ]);
});

test.each(["pull:team/*", "pull,push:team/app", "admin:**", "run,build:a.b_c-d/**"])(
  "%s is a scope",
  (text) => {
    expect(scope.safeParse(text).success).toBe(true);
  },
);

test.each([
  "",
  "pull",
  "pull:",
  ":team",
  "pull;push:a",
  "all:a",
  "pull,:a",
  "pull:A",
  "pull:a b",
  "pull:a\n",
  "pull:é",
])("%j is not a scope", (text) => {
  expect(scope.safeParse(text).success).toBe(false);
});
