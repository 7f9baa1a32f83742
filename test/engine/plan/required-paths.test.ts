import { expect, test } from "vitest";
import { requiredPaths } from "../../../src/engine/plan/required-paths.ts";
import { planOf } from "./plan-of.ts";

async function required(text: string, namedContexts: Record<string, string> = {}) {
  const plan = await planOf(text, { namedContexts });
  return Object.fromEntries([...requiredPaths([plan])].map(([name = "", paths]) => [name, paths ?? null]));
}

test.each([
  ["COPY a /b", ["a"]],
  ["COPY ./b/../a d/ /b/", ["a", "d"]],
  ["ADD *.go src/**/x /b/", ["*.go", "src/**/x"]],
  ["COPY --parents ./src/./**/*.go /b/", ["src/**/*.go"]],
  ["RUN --mount=type=bind,source=web,target=/w true", ["web"]],
  ["COPY . /b", null],
  ["RUN --mount=type=bind,target=/w true", null],
])("%s reads %j", async (instruction, paths) => {
  expect(await required(`FROM scratch\n${instruction}\n`)).toEqual({ "": paths });
});

test("a context that no needed step reads is not in the map", async () => {
  expect(await required("FROM scratch AS other\nCOPY big /\nFROM scratch\nWORKDIR /a\n")).toEqual({});
});

test("sources outside of the context are not required", async () => {
  const text = "FROM scratch\nCOPY <<EOF /x\nhi\nEOF\nADD https://e.invalid/a /\n";
  expect(await required(text)).toEqual({});
});

test("a named context has separate paths, and all paths as a base", async () => {
  const named = { files: `sha256:${"0".repeat(64)}` };
  const copies = "FROM scratch\nCOPY --from=files a/b c /\nCOPY d /\n";
  expect(await required(copies, named)).toEqual({ files: ["a/b", "c"], "": ["d"] });
  expect(await required("FROM files\n", named)).toEqual({ files: null });
});
