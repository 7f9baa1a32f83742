import { expect, test } from "vitest";
import { grantOf, scopeOfGrant } from "../../../src/worker/access/grants.ts";
import { grantScopes, readRegistryScopes } from "../../../src/worker/access/registry-scope.ts";

/** Granted scopes, requested scopes, resulting scopes. */
test.each<[string[], string[], string[]]>([
  [["pull,push:team/*"], ["repository:team/app:pull,push"], ["pull,push:team/app"]],
  [["pull:team/*"], ["repository:team/app:pull,push"], ["pull:team/app"]],
  [["push:team/*"], ["repository:team/app:pull,push"], ["pull,push:team/app"]],
  [["build:team/*"], ["repository:team/app:pull,push"], ["pull:team/app"]],
  [["admin:team/*"], ["repository:team/app:*"], ["pull,push,delete:team/app"]],
  [["push:team/*"], ["repository:team/app:*"], ["pull,push:team/app"]],
  [["push:team/*"], ["repository:team/app:delete,pull"], ["pull:team/app"]],
  [["pull:team/*"], ["repository:other:pull"], []],
  [["pull:**"], ["repository:a:pull repository:b:pull", "repository:c:pull"], ["pull:a", "pull:b", "pull:c"]],
  [["pull:**"], ["repository(plugin):a:pull"], ["pull:a"]],
  [["pull:**"], ["repository:a:pull,pull"], ["pull:a"]],
  [["pull,push:a", "run:b", "admin:c/*"], ["registry:catalog:*"], ["pull:a", "pull:c/*"]],
  [["admin:**"], ["repository:a:constructor,__proto__"], []],
  [["admin:**"], ["repository:**:pull", "repository:a/*:pull", "repository:A:pull", "repository::pull"], []],
  [["admin:**"], ["", "x", "repository:a", "registry:other:*", "aws", "repository:a:"], []],
])("a caller with %j that requests %j gets %j", (grants, asked, given) => {
  expect(grantScopes(readRegistryScopes(asked), grants.map(grantOf)).map(scopeOfGrant)).toEqual(given);
});

test("too many scopes are rejected", () => {
  const asked = Array.from({ length: 200 }, (_, index) => `repository:a${index}:pull`);
  expect(readRegistryScopes(asked)).toHaveLength(50);
});
