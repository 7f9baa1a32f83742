import { expect, test } from "vitest";
import { openApi } from "../../schemas/openapi.ts";
import { needOf } from "../../src/worker/access/route-needs.ts";
import worker from "../../src/worker/index.ts";
import { ask } from "./server.ts";

const { paths } = openApi() as { paths: Record<string, Record<string, unknown>> };

test("the description is served", async () => {
  const answer = await ask("/openapi.json");
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApi())));
});

// The server answers requests of unknown routes with a code.
test.each(
  Object.entries(paths).flatMap(([path, operations]) =>
    ["get", "head", "post", "put", "patch", "delete"]
      .filter((method) => method in operations)
      .map((method) => [method, path] as const),
  ),
)("%s %s exists", async (method, path) => {
  const filled = path.replace(/\{\w+\}/g, "0");
  const answer = await ask(filled, { method: method.toUpperCase() });
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  expect(text).not.toContain('"code":"no-such-route"');
  expect(answer.status).toBeLessThan(500);
});

/** Methods and paths of the description, with something for each parameter. */
const described = Object.entries(paths).flatMap(([path, operations]) =>
  Object.keys(operations)
    .filter((key) => key !== "parameters")
    .map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, "0") })),
);

/** Routes of the Worker but those for all methods, which are middleware and the registry. */
const routes = worker.routes.filter(({ method }) => method !== "ALL");

/** A regular expression for the paths of a route of hono. */
function patternOf(path: string): RegExp {
  const source = path
    .replace(/\/\*$/, "/.+")
    .replace(/:\w+\{([^}]+)\}/g, "$1")
    .replace(/:\w+/g, "[^/]+");
  return new RegExp(`^${source}$`);
}

test("the Worker has routes", () => expect(routes.length).toBeGreaterThan(30));

test.each(routes.map(({ method, path }) => [method, path] as const))("%s %s is described", (method, path) => {
  const pattern = patternOf(path);
  expect(described.filter((one) => one.method === method && pattern.test(one.path))).not.toEqual([]);
});

test.each(
  described
    .filter(({ path }) => !path.startsWith("/v2/0"))
    .map(({ method, path }) => [method, path] as const),
)("%s %s has a route, and rights of its own", (method, path) => {
  const verb = method === "HEAD" ? "GET" : method;
  const found = routes.filter((route) => route.method === verb && patternOf(route.path).test(path));
  expect(found).not.toEqual([]);
  const { need } = needOf({ method, path, isSocket: false });
  // Routes without a rule need an admin. Only routes for admins may rely on that.
  if (need === "admin") expect(path).toMatch(/^\/v1\/(?:access|prune|scrub|tokens|usage)/);
});
