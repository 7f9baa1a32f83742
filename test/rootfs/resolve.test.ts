import fc from "fast-check";
import { expect, test } from "vitest";
import { resolvePath, TooManyLinksError } from "../../src/rootfs/resolve.ts";
import { memoryTree } from "../helpers/memory-tree.ts";

const link = (path: string, linkname: string) => ({ path, type: "symlink" as const, linkname });

const root = memoryTree([
  { path: "usr/bin/sh", contents: "" },
  link("bin", "usr/bin"),
  link("usr/up", ".."),
  link("usr/bin/bash", "sh"),
  link("abs", "/usr/bin/"),
  link("chain", "abs/bash"),
  link("dangling", "none/at/all"),
]);

test.each([
  ["usr/bin/sh", "usr/bin/sh", true],
  ["/usr//bin/./sh/", "usr/bin/sh", true],
  ["bin/sh", "usr/bin/sh", true],
  ["usr/up/bin/bash", "usr/bin/sh", true],
  ["chain", "usr/bin/sh", true],
  ["", "", true],
  ["..", "", true],
  ["../../bin", "usr/bin", true],
  ["bin/../lib", "usr/lib", false],
  ["bin/new/deep", "usr/bin/new/deep", false],
  ["dangling", "none/at/all", false],
  ["dangling/x", "none/at/all/x", false],
  ["none/../usr", "usr", true],
  ["usr/bin/sh/x", "usr/bin/sh/x", false],
])("%s is %s", (path, expected, exists) => {
  const { path: found, node } = resolvePath(root, path);
  expect(found).toBe(expected);
  expect(node?.path).toBe(exists ? expected : undefined);
});

test("the last link is not followed when the link is requested", () => {
  expect(resolvePath(root, "bin/bash", { followLast: false })).toMatchObject({
    path: "usr/bin/bash",
    node: { type: "symlink" },
  });
  expect(resolvePath(root, "bin/", { followLast: false }).path).toBe("bin");
});

test("255 links are followed, 256 are not", () => {
  const chain = (length: number) =>
    memoryTree([{ path: "0" }, ...Array.from({ length }, (_, i) => link(`${i + 1}`, `${i}`))]);
  expect(resolvePath(chain(255), "255").path).toBe("0");
  expect(() => resolvePath(chain(256), "256")).toThrow('Cannot resolve "256": too many links');
});

test("law: for any links, a path resolves to a path without links or is rejected for too many links", () => {
  const aName = fc.constantFrom("a", "b", "c", "..", ".");
  const aTarget = fc
    .tuple(fc.boolean(), fc.array(aName, { minLength: 1, maxLength: 4 }))
    .map(([absolute, parts]) => (absolute ? "/" : "") + parts.join("/"));
  const links = fc.dictionary(fc.constantFrom("a", "b", "c", "d/a", "d/b"), aTarget);
  fc.assert(
    fc.property(links, aTarget, (targets, path) => {
      const tree = memoryTree(Object.entries(targets).map(([from, to]) => link(from, to)));
      try {
        const found = resolvePath(tree, path).path;
        const parts = found.split("/");
        expect(parts).not.toContain("..");
        for (let depth = 1; depth <= parts.length; depth++) {
          expect(tree.lookup(parts.slice(0, depth).join("/"))?.type).not.toBe("symlink");
        }
      } catch (error) {
        expect(error).toBeInstanceOf(TooManyLinksError);
      }
    }),
  );
});
