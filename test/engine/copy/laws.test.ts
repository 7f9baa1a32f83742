import fc from "fast-check";
import { expect, test } from "vitest";
import { Changes } from "../../../src/engine/copy/changes.ts";
import { copyInto } from "../../../src/engine/copy/copy.ts";
import { CopyError } from "../../../src/engine/copy/copy-error.ts";
import { digestEntries, digestInputs } from "../../../src/engine/copy/digest-inputs.ts";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { unpackInto } from "../../../src/engine/copy/unpack.ts";
import type { LayerEntry } from "../../../src/layers/entry.ts";
import type { EntryTable } from "../../../src/rootfs/entry-table.ts";
import { TableBuilder } from "../../../src/rootfs/table-builder.ts";
import type { Node, Tree } from "../../../src/rootfs/tree.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import { comparePaths } from "../../../src/tar/text.ts";
import { dir, file, hardLink, link, nodeOf, type TreeEntry, tree, treeOf } from "../../helpers/tree.ts";
import { applied, copy, linesOf, mtimeOf, request, textOf } from "./run-copy.ts";

const names = fc.constantFrom("a", "b", "c", "é");
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const entries: fc.Arbitrary<TreeEntry> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("", "x", "y").map((content) => file(content)) },
  { weight: 3, arbitrary: fc.constantFrom(0o755, 0o700).map((mode) => dir({ mode })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("a", "../b", "/c", "/a/b", "..", "nope", "a/../b").map((to) => link(to)),
  },
);

/** Trees without entries below files. */
const trees: fc.Arbitrary<Tree> = fc.array(fc.tuple(paths, entries), { maxLength: 12 }).map((list) => {
  const chosen = new Map<string, TreeEntry>();
  for (const [path, entry] of list) {
    const above = path.split("/").map((_, depth, parts) => parts.slice(0, depth).join("/"));
    if (
      above.some(
        (parent) => parent !== "" && typeof chosen.get(parent) === "object" && !isDir(chosen.get(parent)),
      )
    )
      continue;
    if (!isDir(entry) && [...chosen.keys()].some((other) => other.startsWith(`${path}/`))) continue;
    chosen.set(path, entry);
  }
  return tree(Object.fromEntries(chosen));
});

function isDir(entry: TreeEntry | undefined): boolean {
  return typeof entry === "object" && entry.type === "dir";
}

/** A source of a COPY: usually an existing entry, by its number. */
const sources: fc.Arbitrary<string | number> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(100) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(".", "*", "?", "a/*", "*/b", "[ab]", "[^a]", "b*", "../c/", "c/."),
  },
);

function written(from: Tree, source: string | number): string {
  if (typeof source === "string") return source;
  const all = [...from.walk("")];
  return all.length === 0 ? "." : (all[source % all.length] as Node).path;
}

const destinations = fc
  .oneof(paths, fc.constantFrom("", ".", "x/y", "a/../c", "../b"))
  .chain((path) => fc.constantFrom(`/${path}`, `/${path}/`));
const flags = fc.record(
  {
    chown: fc.constantFrom("1:2", "7"),
    chmodText: fc.constantFrom("600", "u+x,g=u"),
    excludes: fc.constantFrom(["a"], ["**", "!a/b"]),
    stage: fc.boolean(),
    link: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Executes a random COPY; undefined when BuildKit's rules forbid it. */
async function attempt(
  base: Tree,
  from: Tree,
  srcs: (string | number)[],
  dest: string,
  { stage, ...more }: { stage?: boolean },
) {
  try {
    return await copy(base, {
      ...(stage ? { stage: from } : { from }),
      src: srcs.map((source) => written(from, source)).join(" "),
      dest,
      ...more,
    });
  } catch (error) {
    if (error instanceof CopyError) return undefined;
    throw error;
  }
}

async function linesOfTree(of: Tree): Promise<string[]> {
  return linesOf(
    [...of.walk("")].map((node) => {
      const target = node.type === "hardlink" ? (of.lookup(node.linkname ?? "") as Node) : node;
      return { node: { ...target, path: node.path, mtime: 0 }, read: () => of.read(target) };
    }),
  );
}

function expectWellFormed(layer: readonly LayerEntry[], below: Tree): void {
  const seen = new Set<string>([""]);
  let last = "";
  for (const { node } of layer) {
    expect(comparePaths(last, node.path)).toBeLessThan(0);
    last = node.path;
    expect(node.path.split("/")).not.toContain("..");
    expect(seen).toContain(node.path.slice(0, Math.max(node.path.lastIndexOf("/"), 0)));
    if (node.type === "hardlink") expect(seen).toContain(node.linkname);
    if (node.type === "file") expect(node.digest).toMatch(/^sha256:/);
    seen.add(node.path);
  }
  expect(below.lookup("")?.type).toBe("dir");
}

const cases = fc.tuple(trees, trees, fc.array(sources, { minLength: 1, maxLength: 2 }), destinations, flags);

test("the layer applied to the base equals the changes read as a tree", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([base, from, srcs, dest, more]) => {
      const result = await attempt(base, from, srcs, dest, more);
      if (result === undefined || more.link) return;
      const layer = [...layerEntries(result.changes)];
      expectWellFormed(layer, base);
      expect(await linesOfTree(await applied(base, layer))).toEqual(await linesOfTree(result.changes));
    }),
    { numRuns: 300 },
  );
});

test("lookup, children and walk of changes agree", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([base, from, srcs, dest, more]) => {
      const result = await attempt(base, from, srcs, dest, more);
      if (result === undefined) return;
      const { changes } = result;
      for (const node of changes.walk("")) {
        expect(changes.lookup(node.path)).toEqual(node);
        if (node.type !== "dir") expect([...changes.children(node.path)]).toEqual([]);
      }
      expect(changes.lookup("no/such/path")).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

test("copying twice changes nothing the second time", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([base, from, srcs, dest, more]) => {
      // A directory that exists only as the parent of an exception gets the mode of the source, without --chmod.
      if (more.link || (more.excludes !== undefined && more.chmodText !== undefined)) return;
      const first = await attempt(base, from, srcs, dest, more);
      if (first === undefined) return;
      const once = await applied(base, layerEntries(first.changes));
      const again = await attempt(once, from, srcs, dest, more);
      // The second time, a file whose destination is a directory named like it is copied into it, or is in the way.
      if (again === undefined || !dest.endsWith("/")) return;
      expect(await linesOfTree(again.changes)).toEqual(await linesOfTree(once));
    }),
    { numRuns: 200 },
  );
});

test("owners and time stamps of a context change neither key nor layer", async () => {
  await fc.assert(
    fc.asyncProperty(trees, trees, sources, destinations, fc.nat(9), async (base, from, source, dest, n) => {
      const nodes = [...from.walk("")].map((node) => ({
        ...node,
        uid: n,
        gid: n + 1,
        mtime: node.mtime + n,
      }));
      const other = treeOf([from.lookup("") as Node, ...nodes], () => "");
      const src = written(from, source);
      const outcome = async (of: Tree) => {
        const wanted = request({ from: of, src, dest, mtimeOf: () => 0 });
        try {
          const key = wanted.sources.map((one) => atOnce(digestInputs(one, [])));
          return {
            key,
            layer: atOnce(digestEntries(layerEntries((await copyInto(base, wanted)).changes))).digest,
          };
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(await outcome(other)).toEqual(await outcome(from));
    }),
    { numRuns: 300 },
  );
});

test("no archive writes outside its destination, and its result is a valid layer", async () => {
  const member = fc.tuple(
    paths,
    fc.oneof(
      { weight: 5, arbitrary: entries },
      { weight: 1, arbitrary: paths.map((path) => hardLink(path)) },
    ),
  );
  await fc.assert(
    fc.asyncProperty(trees, fc.array(member, { maxLength: 10 }), async (base, members) => {
      const changes = new Changes(base, mtimeOf);
      const archive = {
        entries: members.map(([path, entry]) => nodeOf(path, entry)),
        read: async function* (): AsyncGenerator<Uint8Array> {},
      };
      try {
        atOnce(unpackInto(changes, "jail", archive, undefined));
      } catch (error) {
        if (!(error instanceof CopyError)) throw error;
      }
      const layer = [...layerEntries(changes)];
      expectWellFormed(layer, base);
      for (const { node } of layer) expect(node.path.split("/")[0]).toBe("jail");
    }),
    { numRuns: 300 },
  );
});

/** The same entries in a table. */
function tableOf(from: Tree): EntryTable {
  const builder = new TableBuilder();
  const contents: Node[] = [];
  for (const node of from.walk("")) builder.add(node, contents.push(node) - 1);
  return builder.finish((place, size) => ({
    size,
    read: () => from.read(contents[place as number] as Node),
  }));
}

async function described(layer: Iterable<LayerEntry>) {
  return Promise.all(
    [...layer].map(async ({ node: { contents, ...node }, read, hasFreeTime }) => {
      const bytes = node.type === "file" ? (read?.() ?? contents?.read()) : undefined;
      return { node, hasFreeTime, text: await textOf(bytes ?? []) };
    }),
  );
}

test("a copy from a table writes the same entries as one from another tree", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([base, from, srcs, dest, more]) => {
      const numbers = srcs.map((source) => written(from, source));
      const plain = await attempt(base, from, numbers, dest, more);
      const result = await attempt(base, tableOf(from), numbers, dest, more);
      expect(result === undefined).toBe(plain === undefined);
      if (plain === undefined || result === undefined) return;
      const expected = await described(layerEntries(plain.changes));
      for (let pass = 0; pass < 2; pass++)
        expect(await described(layerEntries(result.changes))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("a change of a table keeps no entry in memory, and its links and times can change", async () => {
  const from = tree({ a: "1", b: hardLink("a"), c: "3" });
  const copies = await Promise.all(
    [from, tableOf(from)].map(async (source) => {
      const { changes } = await copy(tree({}), { from: source, src: ".", dest: "/" });
      const [first, second] = [1, 2].map(() => changes.fileAt("c")?.node);
      const members = [nodeOf("d", hardLink("c")), nodeOf("e", "5")].map((node) => ({ ...node, mtime: 7 }));
      atOnce(unpackInto(changes, "", { entries: members, async *read() {} }, undefined));
      return { isKept: first === second, entries: await described(layerEntries(changes)) };
    }),
  );
  const [plain, table] = copies;
  expect([plain?.isKept, table?.isKept]).toEqual([true, false]);
  expect(table?.entries).toEqual(plain?.entries);
  expect(plain?.entries.map(({ node: { path, type } }) => `${path} ${type}`)).toEqual([
    "a file",
    "b hardlink",
    "c file",
    "d hardlink",
    "e file",
  ]);
});
