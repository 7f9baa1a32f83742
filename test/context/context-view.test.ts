import fc from "fast-check";
import { expect, test } from "vitest";
import { contextView } from "../../src/context/context-view.ts";
import { ignoreMatcher } from "../../src/dockerignore/match.ts";
import type { Tree } from "../../src/rootfs/tree.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { memoryTree } from "../helpers/memory-tree.ts";

const tree = memoryTree(
  [
    "README.md",
    "src/main.ts",
    "src/main.test.ts",
    "node_modules/a/index.js",
    "node_modules/b/index.js",
    "docs/a.md",
  ].map((path) => ({ path, contents: path })),
);
const pathsOf = (view: Tree) =>
  [...view.walk("")].filter(({ type }) => type !== "dir").map(({ path }) => path);

test.each([
  [[], pathsOf(tree)],
  [["node_modules"], ["README.md", "docs/a.md", "src/main.test.ts", "src/main.ts"]],
  [
    ["**/*.test.ts", "*.md"],
    ["docs/a.md", "node_modules/a/index.js", "node_modules/b/index.js", "src/main.ts"],
  ],
  [["*", "!src", "src/*.test.ts"], ["src/main.ts"]],
  [["node_modules", "!node_modules/b", "docs", "src", "*.md"], ["node_modules/b/index.js"]],
  [["**"], []],
])("the patterns %j leave %j", async (patterns, expected) => {
  expect(pathsOf(await contextView(tree, { ignore: patterns }))).toEqual(expected);
});

test("an ignored directory is kept when something in it is included", async () => {
  const view = await contextView(tree, { ignore: ["node_modules", "!node_modules/b/index.js"] });
  expect([...view.children("")].map(({ path }) => path)).toEqual([
    "README.md",
    "docs",
    "node_modules",
    "src",
  ]);
  expect(view.lookup("node_modules/a")).toBeUndefined();
  expect(
    [...(await contextView(tree, { ignore: ["docs"] })).children("")].map(({ path }) => path),
  ).not.toContain("docs");
});

test("law: a file is kept when no pattern excludes it, and a directory also when it contains a kept entry", async () => {
  const aPattern = fc.constantFrom(
    "src",
    "*.md",
    "**/a*",
    "!docs",
    "!**/index.js",
    "node_modules",
    "!node_modules/b",
    "**",
    "!src/main.ts",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(aPattern, { maxLength: 5 }), async (patterns) => {
      const matcher = ignoreMatcher(patterns);
      const seen = [...(await contextView(tree, { ignore: patterns })).walk("")].map(({ path }) => path);
      const included = [...tree.walk("")]
        .filter(({ path }) => !matcher.excludes(path) && !atOnce(matcher.withholding(path)))
        .map(({ path }) => path);
      const expected = [...tree.walk("")]
        .map(({ path }) => path)
        .filter((path) => included.some((other) => other === path || other.startsWith(`${path}/`)));
      expect(seen).toEqual(expected);
    }),
  );
});
