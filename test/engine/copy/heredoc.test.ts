import { expect, test } from "vitest";
import { heredocSource } from "../../../src/engine/copy/heredoc.ts";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { tree } from "../../helpers/tree.ts";
import { copy, linesOf, scratch } from "./run-copy.ts";

async function layer(base: typeof scratch, dest: string, ...files: [name: string, content: string][]) {
  const sources = files.map(([name, content]) => heredocSource(name, content));
  const { changes } = await copy(base, { sources, dest });
  return linesOf(layerEntries(changes));
}

test("is a file of root with the time of the build", async () => {
  expect(await layer(scratch, "/d/", ["a.txt", "1\n"], ["b*", "2\n"])).toEqual([
    "d 0755 0:0 d now",
    'f 0644 0:0 d/a.txt "1\n" now',
    'f 0644 0:0 d/b* "2\n" now',
  ]);
});

test("replaces an earlier one of the same name", async () => {
  expect(await layer(scratch, "/d/", ["X", "1"], ["X", "2"])).toEqual([
    "d 0755 0:0 d now",
    'f 0644 0:0 d/X "2" now',
  ]);
});

test("is written again even when an equal file exists, as its time stamp differs", async () => {
  const base = tree({ a: "x" });
  expect(await layer(base, "/a", ["EOF", "x"])).toEqual(['f 0644 0:0 a "x" now']);
});

test("has the size and digest of its UTF-8 text", () => {
  const { tree: source } = heredocSource("EOF", "grün");
  expect(source.lookup("EOF")).toMatchObject({ size: 5, digest: sha256("grün") });
});

test("must have a file name", () => {
  expect(() => heredocSource("a/b", "")).toThrow("open /a/b: no such file or directory");
  expect(() => heredocSource("..", "")).toThrow("open /: is a directory");
});
