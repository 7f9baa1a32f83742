import { describe, expect, test } from "vitest";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { overlayChanges } from "../../../src/engine/run/overlay-diff.ts";
import type { LayerEntry } from "../../../src/layers/entry.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import { device, dir, file, hardLink, link, SOME_TIME, type TreeEntry, tree } from "../../helpers/tree.ts";
import { linesOf, mtimeOf } from "../copy/run-copy.ts";

type Entries = Record<string, TreeEntry>;

const removed = device("char");
const y = btoa("y");
const opaque = (name = "trusted.overlay.opaque") => dir({ xattrs: { [name]: y } });
const LATER = SOME_TIME + 100;

function changesOf(base: Entries, upper: Entries, mounted: string[] = []) {
  return atOnce(overlayChanges({ base: tree(base), upper: tree(upper), mounted, mtimeOf }));
}

function layer(base: Entries, upper: Entries, mounted: string[] = []): Promise<string[]> {
  return linesOf(layerEntries(changesOf(base, upper, mounted)));
}

describe("entries", () => {
  test("new entries of every type, in path order, with their parent directories", async () => {
    const upper = {
      "new/file": "text",
      "new/link": link("file"),
      "b-fifo": device("fifo"),
      "a-device": device("block", 7, 1),
      "zero-like": device("char", 1, 5),
    };
    expect(await layer({}, upper)).toEqual([
      "b 0644 0:0 a-device",
      "p 0644 0:0 b-fifo",
      "d 0755 0:0 new",
      'f 0644 0:0 new/file "text"',
      "l 0777 0:0 new/link -> file",
      "c 0644 0:0 zero-like",
    ]);
  });

  test("changed files with the unchanged directories above them", async () => {
    const base = { "etc/passwd": "root", "etc/group": "root", "usr/bin/sh": "sh" };
    expect(await layer(base, { "etc/passwd": "root, app" })).toEqual([
      "d 0755 0:0 etc",
      'f 0644 0:0 etc/passwd "root, app"',
    ]);
  });

  test.each([
    ["mode", dir({ mode: 0o700 })],
    ["owner", dir({ uid: 7 })],
  ])("a directory whose %s changed, without what is in it", async (_, changed) => {
    expect(await layer({ "d/f": "f" }, { d: changed })).toHaveLength(1);
  });

  test("a file whose time changed", async () => {
    expect(await layer({ f: "f" }, { f: file("f", { mtime: LATER }) })).toEqual([
      `f 0644 0:0 f "f" @${LATER}`,
    ]);
  });

  test("the names of one file as hard links, with any of them as the first", async () => {
    const upper = { b: "text", a: hardLink("b"), "d/c": hardLink("b") };
    expect(await layer({}, upper)).toEqual([
      'f 0644 0:0 a "text"',
      "h 0644 0:0 b -> a",
      "d 0755 0:0 d",
      "h 0644 0:0 d/c -> a",
    ]);
  });

  test("a file of the base that got another name, so that both are links in the layer", async () => {
    expect(await layer({ old: "text" }, { old: "text", twin: hardLink("old") })).toEqual([
      'f 0644 0:0 old "text"',
      "h 0644 0:0 twin -> old",
    ]);
  });

  test("names of the base that are no longer names of one file", async () => {
    const base = { a: "text", b: hardLink("a") };
    const separate = ['f 0644 0:0 a "text"', 'f 0644 0:0 b "text"'];
    expect(await layer(base, { a: "text", b: "text" })).toEqual(separate);
    expect(await layer(base, { a: "text" })).toEqual(separate.slice(0, 1));
    expect(await layer(base, { b: "text" })).toEqual(separate.slice(1));
    const three = { ...base, c: hardLink("a") };
    expect(await layer(three, { a: "text", b: hardLink("a") })).toEqual([
      'f 0644 0:0 a "text"',
      "h 0644 0:0 b -> a",
    ]);
    expect(await layer({ a: "text", b: "text" }, { a: "text", b: hardLink("a") })).toEqual([
      'f 0644 0:0 a "text"',
      "h 0644 0:0 b -> a",
    ]);
  });

  test("of extended attributes, only the capability", async () => {
    const xattrs = { "security.capability": "AQ==", "user.mine": "AA==", "trusted.overlay.origin": "AA==" };
    const [entry] = [...layerEntries(changesOf({}, { f: file("f", { xattrs }) }))] as [LayerEntry];
    expect(entry.node.xattrs).toEqual({ "security.capability": "AQ==" });
  });
});

describe("no entries", () => {
  test.each([
    ["nothing", { "d/f": "f" }, {}],
    ["a directory that only had its time changed", { "d/f": "f" }, { d: dir({ mtime: LATER }) }],
    ["a file that was copied up and not changed", { "d/f": "f" }, { "d/f": "f" }],
    ["names of one file that still are", { a: "f", b: hardLink("a") }, { a: "f", b: hardLink("a") }],
    ["the removal of what the base never had", {}, { f: removed }],
    [
      "a directory that was made again with all that was in it",
      { "d/e/f": "f" },
      { d: opaque(), "d/e": opaque(), "d/e/f": "f" },
    ],
  ] satisfies [string, Entries, Entries][])("%s", async (_, base, upper) => {
    expect(await layer(base, upper)).toEqual([]);
  });
});

describe("removals", () => {
  test("removed files, directories and links are whiteouts, without entries below them", async () => {
    const base = { "d/f": "f", "e/x/y": "y", l: link("d") };
    expect(await layer(base, { "d/f": removed, e: removed, l: removed })).toEqual([
      'f 0000 0:0 .wh.e "" @0',
      'f 0000 0:0 .wh.l "" @0',
      "d 0755 0:0 d",
      'f 0000 0:0 d/.wh.f "" @0',
    ]);
  });

  test.each(["trusted.overlay.opaque", "user.overlay.opaque"])(
    "%s: each entry that the base has and the directory has not",
    async (name) => {
      const base = { "d/gone": "1", "d/kept": "2", "d/sub/x": "3", "d/same": "4" };
      const upper = { d: opaque(name), "d/kept": "changed", "d/new": "5", "d/same": "4" };
      expect(await layer(base, upper)).toEqual([
        "d 0755 0:0 d",
        'f 0000 0:0 d/.wh.gone "" @0',
        'f 0000 0:0 d/.wh.sub "" @0',
        'f 0644 0:0 d/kept "changed"',
        'f 0644 0:0 d/new "5"',
      ]);
    },
  );

  test("below an opaque directory", async () => {
    const base = { "d/e/gone": "1", "d/e/kept": "2" };
    expect(await layer(base, { d: opaque(), "d/e": dir(), "d/e/kept": "2" })).toEqual([
      "d 0755 0:0 d",
      "d 0755 0:0 d/e",
      'f 0000 0:0 d/e/.wh.gone "" @0',
    ]);
  });

  test("a value other than y makes no directory opaque", async () => {
    const upper = { d: dir({ xattrs: { "trusted.overlay.opaque": btoa("x") } }), "d/new": "n" };
    expect(await layer({ "d/f": "f" }, upper)).toEqual(["d 0755 0:0 d", 'f 0644 0:0 d/new "n"']);
  });
});

describe("replacements", () => {
  test.each([
    ["a file a directory", { x: "f" }, { x: opaque(), "x/y": "y" }, ["d 0755 0:0 x", 'f 0644 0:0 x/y "y"']],
    ["a directory a file", { "x/y": "y" }, { x: "f" }, ['f 0644 0:0 x "f"']],
    ["a directory a link", { "x/y": "y" }, { x: link("z") }, ["l 0777 0:0 x -> z"]],
    [
      "a link a directory",
      { x: link("z"), "z/f": "f" },
      { x: opaque(), "x/y": "y" },
      ["d 0755 0:0 x", 'f 0644 0:0 x/y "y"'],
    ],
  ] satisfies [string, Entries, Entries, string[]][])("%s: no whiteout", async (_, base, upper, expected) => {
    expect(await layer(base, upper)).toEqual(expected);
  });
});

describe("mount points", () => {
  test.each([
    ["directories", {}, { "a/b/c": dir() }, ["/a/b/c"], []],
    ["files", { "a/x": "x" }, { "a/f": "" }, ["/a/f"], []],
    ["those of every container", {}, { "etc/hosts": "", "etc/resolv.conf": "" }, [], []],
    ["several below one directory", {}, { "a/b": dir(), "a/c": "" }, ["/a/b", "/a/c"], []],
    ["through a link", { l: link("d"), "d/x": "x" }, { "d/m": dir() }, ["/l/m"], []],
  ] satisfies [string, Entries, Entries, string[], string[]][])(
    "%s leave no trace",
    async (_, base, upper, mounted, expected) => {
      expect(await layer(base, upper, mounted)).toEqual(expected);
    },
  );

  test.each([
    ["that the base has", { a: dir() }, { a: dir({ mode: 0o700 }) }, ["/a"], ["d 0700 0:0 a"]],
    [
      "with something in them",
      {},
      { "a/kept": "k", "a/m": dir() },
      ["/a/m"],
      ["d 0755 0:0 a", 'f 0644 0:0 a/kept "k"'],
    ],
    [
      "that are files with contents",
      {},
      { "etc/hosts": "h" },
      [],
      ["d 0755 0:0 etc", 'f 0644 0:0 etc/hosts "h"'],
    ],
    ["that are links", {}, { m: link("x") }, ["/m"], ["l 0777 0:0 m -> x"]],
  ] satisfies [string, Entries, Entries, string[], string[]][])(
    "%s stay",
    async (_, base, upper, mounted, expected) => {
      expect(await layer(base, upper, mounted)).toEqual(expected);
    },
  );

  test("circular links lead nowhere", async () => {
    expect(await layer({ l: link("l") }, { f: "f" }, ["/l/m"])).toEqual(['f 0644 0:0 f "f"']);
  });
});

test("entries and directories have the times that the process gave them", async () => {
  const upper = { d: dir({ mtime: LATER }), "d/f": file("f", { mtime: LATER + 1 }) };
  expect(await layer({}, upper)).toEqual([`d 0755 0:0 d @${LATER}`, `f 0644 0:0 d/f "f" @${LATER + 1}`]);
});
