import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApi } from "../../schemas/openapi.ts";

const description = openApi() as { paths: Record<string, object>; components: { schemas: object } };

test("schemas/openapi.json equals the output of `npm run openapi`", () => {
  expect(JSON.parse(readFileSync("schemas/openapi.json", "utf8"))).toEqual(description);
});

test("every referenced schema exists", () => {
  const references = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(10);
  for (const [, name] of references) expect(description.components.schemas).toHaveProperty(name as string);
});
