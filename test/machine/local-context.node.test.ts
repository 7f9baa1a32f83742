import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextView } from "../../src/context/context-view.ts";
import { followLinks, linksOf } from "../../src/context/follow-links.ts";
import { ListingDigester, tableDigest } from "../../src/context/listing.ts";
import { ListingMerge } from "../../src/context/listing-merge.ts";
import { FolderContext } from "../../src/machine/local-context.ts";
import { loadStatCache } from "../../src/machine/stat-cache.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Node } from "../../src/rootfs/tree.ts";
import { atOnce } from "../../src/streams/turns.ts";
import { decodeName } from "../../src/tar/text.ts";
import { type Files, temporaryFolder, write } from "../helpers/temporary-folder.ts";

const files: Files = {
  "a.txt": "1",
  "d/b": "22",
  "d/c/e": "333",
  "d/empty": "",
  l: { link: "a.txt" },
  "z/": "",
};

/** Advances time, so that current changes of the folder are old at the next scan. */
function later(): number {
  return Date.now() + 10_000;
}

/** Reads a folder with a cache beside it, some seconds after the last change. */
async function read(
  folder: string,
  { ignore = [], paths, now = later() }: { ignore?: string[]; paths?: string[]; now?: number } = {},
): Promise<FolderContext> {
  const cache = join(folder, "cache/x");
  const context = await FolderContext.read(join(folder, "context"), {
    ignore,
    paths,
    known: loadStatCache(cache),
    cache,
    umask: 0o022,
    now,
  });
  context.remember();
  return context;
}

const folderOf = (entries: Files = files) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, "context"));
  write(join(folder.path, "context"), entries);
  return folder;
};

/** The entries after the changes. */
function patched(before: readonly Node[], context: FolderContext): string {
  const digester = new ListingDigester();
  const merge = new ListingMerge(
    before.map((node) => ({ node })),
    (node) => digester.add(node),
  );
  for (const item of context.changes?.items() ?? []) atOnce(merge.add(item));
  atOnce(merge.end());
  return digester.digest();
}

test("an aborted signal ends the reading of a large file", async () => {
  using folder = folderOf({});
  // Hashing it takes seconds. It has no blocks on the disk.
  writeFileSync(join(folder.path, "context/huge"), "");
  truncateSync(join(folder.path, "context/huge"), 8 * 2 ** 30);
  const read = FolderContext.read(join(folder.path, "context"), {
    ignore: [],
    signal: AbortSignal.timeout(50),
  });
  await expect(read).rejects.toThrow(expect.objectContaining({ name: "TimeoutError" }));
});

describe("a folder that was read before", () => {
  test("is not read again", async () => {
    using folder = folderOf();
    const first = await read(folder.path);
    expect(first.cost).toEqual({ entries: 8, hashedFiles: 4, hashedBytes: 6 });
    const second = await read(folder.path);
    expect(second.digest).toBe(first.digest);
    expect(second.cost.hashedFiles).toBe(0);
    expect(second.isChanged).toBe(false);
    expect([...(second.changes?.items() ?? [])]).toEqual([]);
    expect([...second.entries()]).toEqual([...first.entries()]);
  });

  test("gives the same context without a cache", async () => {
    using folder = folderOf();
    const { digest } = await read(folder.path);
    expect(
      (await FolderContext.read(join(folder.path, "context"), { ignore: [], umask: 0o022 })).digest,
    ).toBe(digest);
  });

  test("is read completely where no cache can be written", async () => {
    using folder = temporaryFolder({ a: "a" });
    const below = await FolderContext.read(folder.path, { ignore: [], cache: join(folder.path, "a/b/c") });
    expect(below.digest).toBe((await FolderContext.read(folder.path, { ignore: [] })).digest);
  });

  test("is read again when its cache is damaged", async () => {
    using folder = folderOf();
    const { digest } = await read(folder.path);
    const cache = join(folder.path, "cache/x");
    const bytes = readFileSync(cache);
    for (const damage of [bytes.subarray(0, 100), bytes.subarray(0, -1), Buffer.from("x"), Buffer.alloc(0)]) {
      writeFileSync(cache, damage);
      expect(loadStatCache(cache)).toBeUndefined();
      const again = await read(folder.path);
      expect(again.digest).toBe(digest);
      expect(again.cost.hashedFiles).toBe(4);
    }
  });

  test("is read again where it changed just before the last reading", async () => {
    using folder = folderOf();
    const now = Date.now();
    await read(folder.path, { now });
    // The same size, and times as coarse as those of some file systems.
    expect((await read(folder.path, { now })).cost.hashedFiles).toBe(4);
    expect((await read(folder.path)).cost.hashedFiles).toBe(4);
    expect((await read(folder.path)).cost.hashedFiles).toBe(0);
  });
});

describe("a change is noticed", () => {
  const change = (name: string) => (folder: string) => writeFileSync(join(folder, name), "changed");
  test.each<[string, (folder: string) => void, string[]]>([
    ["contents", change("d/b"), ["d/b"]],
    [
      "contents of the same size and time",
      (folder) => {
        const path = join(folder, "d/b");
        const { atime, mtime } = statSync(path);
        writeFileSync(path, "23");
        utimesSync(path, atime, mtime);
      },
      ["d/b"],
    ],
    ["mode", (folder) => execFileSync("chmod", ["600", join(folder, "a.txt")]), ["a.txt"]],
    ["new file", change("d/c/new"), ["d/c/new"]],
    ["file less", (folder) => rmSync(join(folder, "d/b")), ["d/b"]],
    ["directory less", (folder) => rmSync(join(folder, "d"), { recursive: true }), ["d"]],
    ["new directory", (folder) => write(folder, { "new/x": "1" }), ["new", "new/x"]],
    ["other name", (folder) => renameSync(join(folder, "d/c"), join(folder, "d/k")), ["d/c", "d/k", "d/k/e"]],
    [
      "a file for a directory",
      (folder) => {
        rmSync(join(folder, "d/c"), { recursive: true });
        writeFileSync(join(folder, "d/c"), "1");
      },
      ["d/c"],
    ],
    [
      "link elsewhere",
      (folder) => {
        rmSync(join(folder, "l"));
        write(folder, { l: { link: "d" } });
      },
      ["l"],
    ],
    ["second name", (folder) => linkSync(join(folder, "d/b"), join(folder, "d/a")), ["d/a", "d/b"]],
    ["smaller file", (folder) => truncateSync(join(folder, "d/c/e"), 0), ["d/c/e"]],
  ])("%s", async (_, make, expected) => {
    using folder = folderOf();
    const before = await read(folder.path);
    make(join(folder.path, "context"));
    const after = await read(folder.path);
    const { items = () => [], retimed } = after.changes ?? {};
    const paths = [...items()].map(({ path }) => path);
    expect(paths.filter((path) => !retimed?.has(path))).toEqual(expected);
    expect(after.isChanged).toBe(true);
    const fresh = await FolderContext.read(join(folder.path, "context"), { ignore: [], umask: 0o022 });
    expect(after.digest).toBe(fresh.digest);
    expect(patched([...before.entries()], after)).toBe(after.digest);
  });

  test("of times alone, which the server must know and which are not part of the digest", async () => {
    using folder = folderOf();
    const before = await read(folder.path);
    execFileSync("touch", ["-d", "1969-12-31 23:59:58.5 UTC", join(folder.path, "context/d/b")]);
    const after = await read(folder.path);
    expect([...(after.changes?.items() ?? [])]).toMatchObject([{ path: "d/b", type: "file", mtime: -2 }]);
    expect([...(after.changes?.retimed ?? [])]).toEqual(["d/b"]);
    expect(after.isChanged).toBe(true);
    expect(after.digest).toBe(before.digest);
    expect((await read(folder.path)).isChanged).toBe(false);
  });

  test("of the ignore file", async () => {
    using folder = folderOf();
    const before = await read(folder.path);
    const after = await read(folder.path, { ignore: ["d/c"] });
    expect([...(after.changes?.items() ?? [])]).toEqual([{ path: "d/c", removed: true }]);
    expect(patched([...before.entries()], after)).toBe(after.digest);
    expect((await read(folder.path)).digest).toBe(before.digest);
  });

  test("below a directory that an exception includes", async () => {
    using folder = folderOf();
    const ignore = ["d", "!d/c/new"];
    await read(folder.path, { ignore });
    writeFileSync(join(folder.path, "context/d/c/new"), "1");
    expect([...(await read(folder.path, { ignore })).entries()].map(({ path }) => path)).toContain("d/c/new");
  });
});

test("the differences of any change of a folder reproduce it", async () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "a.", "ü"), { minLength: 1, maxLength: 3 })
    .map((names) => names.join("/"));
  const content = fc.constantFrom("1", "22");
  const some = fc.dictionary(path, content).map((all) => {
    const paths = Object.keys(all);
    return Object.fromEntries(
      Object.entries(all).filter(([file]) => !paths.some((other) => other.startsWith(`${file}/`))),
    );
  });
  await fc.assert(
    fc.asyncProperty(some, some, async (before, after) => {
      using folder = folderOf(before);
      const context = join(folder.path, "context");
      const first = await read(folder.path);
      for (const name of new Set(Object.keys(before).map((file) => file.split("/")[0] ?? ""))) {
        if (!(name in after)) rmSync(join(context, name), { recursive: true });
      }
      for (const name of Object.keys(after))
        rmSync(join(context, name.split("/")[0] ?? ""), { recursive: true, force: true });
      write(context, after);
      const second = await read(folder.path);
      expect(second.digest).toBe((await FolderContext.read(context, { ignore: [], umask: 0o022 })).digest);
      expect(patched([...first.entries()], second)).toBe(second.digest);
    }),
    { numRuns: 60 },
  );
});

describe("selected paths", () => {
  const name = fc.constantFrom("a", "b", "c");
  const file = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  const changes = fc.array(fc.tuple(file, fc.constantFrom("write", "remove", "link")), { maxLength: 6 });
  const pattern = fc.array(fc.constantFrom("a", "b", "c", "*", "?"), { minLength: 1, maxLength: 3 });
  const paths = fc.array(
    pattern.map((names) => names.join("/")),
    { maxLength: 3 },
  );

  function make(folder: string, [path, change]: [string, string]): void {
    const parts = path.split("/");
    // What is in the way of a directory makes room.
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = join(folder, ...parts.slice(0, depth));
      if (lstatSync(parent, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(parent);
    }
    rmSync(join(folder, path), { recursive: true, force: true });
    if (change === "write") write(folder, { [path]: path });
    if (change === "link") write(folder, { [path]: { link: "/a" } });
  }

  test("law: they equal the view of the whole folder, after any change since the last run", async () => {
    await fc.assert(
      fc.asyncProperty(
        changes,
        changes,
        paths,
        fc.constantFrom<string[]>([], ["b"], ["*", "!a/b"]),
        async (first, then, paths, ignore) => {
          using folder = folderOf({});
          const context = join(folder.path, "context");
          for (const change of first) make(context, change);
          await read(folder.path, { paths, ignore });
          for (const change of then) make(context, change);
          const selected = await read(folder.path, { paths, ignore });

          const builder = new TableBuilder();
          for (const node of (await FolderContext.read(context, { ignore: [], umask: 0o022 })).entries())
            builder.add(node);
          const tree = builder.finish();
          const view = await contextView(tree, { ignore, include: followLinks(paths, linksOf(tree)) });
          expect([...selected.entries()].map(({ path }) => path)).toEqual(
            [...view.walk("")].map(({ path }) => path),
          );
          expect(selected.digest).toBe(atOnce(tableDigest(view)));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("are the only paths that are read", async () => {
    using folder = folderOf();
    mkdirSync(join(folder.path, "context/secret"), { mode: 0 });
    const { cost } = await read(folder.path, { paths: ["d/c"] });
    expect(cost).toEqual({ entries: 3, hashedFiles: 1, hashedBytes: 3 });
  });
});

test("files are read by their digests, each once", async () => {
  using folder = folderOf({ a: "same", b: "same", c: "other" });
  const context = await read(folder.path);
  const digests = [...context.entries()].map(({ digest }) => digest as string);
  const found = [...context.files(digests)].map(({ path, read: contents }) => [
    path,
    decodeName(contents() as Uint8Array),
  ]);
  expect(found).toEqual([
    ["a", "same"],
    ["c", "other"],
  ]);
});

test("times in the listing are in seconds", async () => {
  using folder = folderOf({ a: "1" });
  utimesSync(join(folder.path, "context/a"), 5, 5.75);
  expect([...(await read(folder.path)).entries()]).toMatchObject([{ path: "a", mtime: 5 }]);
});
