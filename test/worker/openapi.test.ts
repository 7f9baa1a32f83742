import { expect, test } from "vitest";
import { openApi } from "../../schemas/openapi.ts";
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
  expect(text).not.toContain('"no-such-route"');
  expect(answer.status).toBeLessThan(500);
});
