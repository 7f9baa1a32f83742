import { describe, expect, test } from "vitest";
import { openApi } from "../../../schemas/openapi.ts";
import { requirementOf } from "../../../src/worker/access/requirement.ts";
import { needOf, routeNeeds } from "../../../src/worker/access/route-needs.ts";
import app from "../../../src/worker/index.ts";

const demand = (method: string, path: string, headers: Record<string, string> = {}) =>
  requirementOf(new Request(`http://localhost${path}`, { method, headers }));
const pull = (...repositories: string[]) => ({ right: "pull", repositories });

const methods = new Set(["get", "head", "post", "put", "patch", "delete", "options"]);

/** Whether the table has a rule for this route, other than the rule for all other routes. */
function isListed(method: string, path: string): boolean {
  const { need, values } = needOf({ method, path, isSocket: false });
  return (
    need !== "admin" || Object.keys(values).length > 0 || routeNeeds.some((route) => route.path === path)
  );
}

/** Operations of the description, without those of the distribution API. */
const described = Object.entries((openApi() as { paths: Record<string, object> }).paths).flatMap(
  ([path, operations]) =>
    Object.keys(operations)
      .filter((key) => methods.has(key) && path !== "/v2/{path}")
      .map((key): [string, string] => [key.toUpperCase(), path]),
);

/** Routes of the application. Middleware has no method and is left out. */
const served = app.routes
  .filter(({ method, path }) => method !== "ALL" && path !== "/*" && path !== "/v2/*")
  .map(({ method, path }): [string, string] => [method, path]);

/** A path pattern of the application, the table or the description, as a regular expression. */
function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/(?<!\{)\./g, "\\.")
    .replace(/:\w+\{([^}]*)\}/g, "($1)")
    .replace(/:\w+|\{\w+\}/g, "[^/]+")
    .replace(/\*|\{\w+…\}/g, ".+");
  return new RegExp(`^${source}$`);
}

/** A path that a pattern matches. */
const exampleOf = (pattern: string) => pattern.replace(/:\w+(\{[^}]*\})?|\{\w+\}/g, "x");

function hasDescription(method: string, pattern: string): boolean {
  const expression = expressionOf(pattern);
  return described.some(([other, path]) => other === method && expression.test(exampleOf(path)));
}

describe("every route has an entry", () => {
  test.each(served)("%s %s", (method, path) => {
    expect(isListed(method, exampleOf(path).replace(/\*$/, method === "POST" ? "x/y/tags" : "x/y"))).toBe(
      true,
    );
  });

  test.each(described)("%s %s of the description", (method, path) => {
    expect(isListed(method, exampleOf(path))).toBe(true);
  });
});

describe("the description has every route", () => {
  test.each(served)("%s %s", (method, path) => {
    expect(hasDescription(method, path)).toBe(true);
  });

  test.each(routeNeeds.map(({ method, path }): [string, string] => [method, path]))(
    "%s %s of the table",
    (method, path) => {
      expect(hasDescription(method, path)).toBe(true);
    },
  );
});

describe("every route of the description is served", () => {
  test.each(described)("%s %s", (method, path) => {
    const asked = method === "HEAD" ? "GET" : method;
    const found = served.some(
      ([other, pattern]) => other === asked && expressionOf(pattern).test(exampleOf(path)),
    );
    expect(found).toBe(true);
  });
});

test.each<[string, string, object]>([
  ["GET", "/healthz", { kind: "nothing" }],
  ["GET", "/v1/builds", { kind: "a credential" }],
  ["HEAD", "/v1/builds", { kind: "a credential" }],
  ["POST", "/v1/builds", { kind: "rights", required: [{ right: "build", repositories: ["builds"] }] }],
  [
    "POST",
    "/v1/builds?t=a&t=x/b:2",
    { kind: "rights", required: [{ right: "build", repositories: ["a", "x/b"] }] },
  ],
  [
    "POST",
    "/v1/builds?t=localhost:8787/a&t=localhost/b",
    { kind: "rights", required: [{ right: "build", repositories: ["localhost:8787//a", "b"] }] },
  ],
  ["GET", "/v1/builds/abc/events", { kind: "build", right: "pull", id: "abc" }],
  ["DELETE", "/v1/builds/abc", { kind: "build", right: "build", id: "abc" }],
  ["PUT", "/v1/packs/x?scope=a", { kind: "rights", required: [{ right: "build", repositories: ["a"] }] }],
  ["PUT", "/v1/packs/x", { kind: "rights", required: [{ right: "build", repositories: ["builds"] }] }],
  ["GET", "/v1/images/a/b/latest", { kind: "rights", required: [pull("a/b")] }],
  ["GET", "/v1/images/a/b/1/compare/c/d/2", { kind: "rights", required: [pull("a/b", "c/d")] }],
  ["GET", "/v1/images/archive?image=a:1&image=b@sha256:00", { kind: "rights", required: [pull("a", "b")] }],
  ["GET", "/v1/images/archive", { kind: "a credential" }],
  ["POST", "/v1/images/load", { kind: "a credential" }],
  [
    "POST",
    "/v1/images/a/1/tags?t=b",
    { kind: "rights", required: [pull("a"), { right: "push", repositories: ["b"] }] },
  ],
  ["POST", "/v1/scrub", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["GET", "/v1/jobs/a/blobs/b", { kind: "nothing" }],
  ["GET", "/v2/token", { kind: "nothing" }],
  ["GET", "/v2/", { kind: "token" }],
  ["GET", "/v2", { kind: "token" }],
  ["GET", "/v2/_catalog", { kind: "token", scope: "registry:catalog:*" }],
  ["GET", "/v2/a/b/tags/list", { kind: "rights", required: [pull("a/b")], scope: "repository:a/b:pull" }],
  ["GET", "/v2/%61/tags/list", { kind: "rights", required: [pull("a")], scope: "repository:a:pull" }],
  [
    "POST",
    "/v2/a/blobs/uploads/?mount=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855&from=b",
    {
      kind: "rights",
      required: [{ right: "push", repositories: ["a"] }],
      scope: "repository:a:pull,push repository:b:pull",
    },
  ],
  [
    "DELETE",
    "/v2/a/manifests/1",
    { kind: "rights", required: [{ right: "delete", repositories: ["a"] }], scope: "repository:a:delete" },
  ],
  ["GET", "/v2/UPPER/tags/list", { kind: "token" }],
  // Routes outside the table need an admin, in any spelling.
  ["GET", "/", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["PATCH", "/v1/builds", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["GET", "/v1/%62uilds", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["GET", "/%76%32/a/tags/list", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["GET", "//v1/builds", { kind: "rights", required: [{ right: "admin", server: true }] }],
  ["GET", "/healthz/x", { kind: "rights", required: [{ right: "admin", server: true }] }],
])("%s %s requires %j", (method, path, taken) => {
  expect(demand(method, path)).toEqual(taken);
});

test("a connecting runner is authenticated by its token", () => {
  expect(demand("GET", "/v1/runners")).toEqual({ kind: "a credential" });
  expect(demand("GET", "/v1/runners", { upgrade: "websocket" })).toEqual({ kind: "nothing" });
});

test("the first of two parameters counts, for authorisation and for the handler", () => {
  const required = [{ right: "build", repositories: ["a"] }];
  for (const query of ["scope=a&scope=b", "%73cope=a&scope=b"])
    expect(demand("PUT", `/v1/packs/x?${query}`)).toEqual({ kind: "rights", required });
  expect(demand("PUT", "/v1/packs/x?scope=&scope=a")).toMatchObject({
    required: [{ right: "build", repositories: ["builds"] }],
  });
});
