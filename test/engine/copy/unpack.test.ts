import { describe, expect, test } from "vitest";
import { Changes } from "../../../src/engine/copy/changes.ts";
import type { Archive } from "../../../src/engine/copy/copy-request.ts";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { unpackInto } from "../../../src/engine/copy/unpack.ts";
import type { Node, Tree } from "../../../src/rootfs/tree.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import { dir, file, hardLink, link, nodeOf, type TreeEntry, tree } from "../../helpers/tree.ts";
import { copy, linesOf, mtimeOf, scratch, sourceOf } from "./run-copy.ts";

type Members = [path: string, entry: TreeEntry][];

function archive(members: Members): Archive {
  const contents = new Map<Node, string>();
  const entries = members.map(([path, entry]) => {
    const node = nodeOf(path, entry);
    contents.set(node, typeof entry === "string" ? entry : (entry.content ?? ""));
    return node;
  });
  return {
    entries,
    async *read(node) {
      yield new TextEncoder().encode(contents.get(node));
    },
  };
}

async function unpack(base: Tree, dest: string, members: Members, owner?: { uid: number; gid: number }) {
  const changes = new Changes(base, mtimeOf);
  atOnce(unpackInto(changes, dest, archive(members), owner));
  return linesOf(layerEntries(changes));
}

function errorOf(base: Tree, members: Members): string {
  try {
    atOnce(unpackInto(new Changes(base, mtimeOf), "x", archive(members), undefined));
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

describe("entries of an archive", () => {
  test("keep their owners, modes and times; parents without an entry belong to root", async () => {
    const members: Members = [
      ["i/j/f", file("o", { uid: 5, gid: 6, mode: 0o4711, mtime: 99 })],
      ["d", dir({ uid: 11, gid: 12, mode: 0o711, mtime: 98 })],
      ["d/s", link("../i", { uid: 9 })],
    ];
    expect(await unpack(scratch, "x", members)).toEqual([
      "d 0755 0:0 x now",
      "d 0711 11:12 x/d @98",
      "l 0777 9:0 x/d/s -> ../i",
      "d 0755 0:0 x/i now",
      "d 0755 0:0 x/i/j now",
      'f 4711 5:6 x/i/j/f "o" @99',
    ]);
  });

  test("--chown applies to all entries except implied parents", async () => {
    const members: Members = [
      ["i/f", file("", { uid: 5 })],
      ["d", dir({ uid: 6 })],
      ["l", link("d")],
    ];
    expect(await unpack(scratch, "x", members, { uid: 1, gid: 2 })).toEqual([
      "d 0755 1:2 x now",
      "d 0755 1:2 x/d",
      "d 0755 0:0 x/i now",
      'f 0644 1:2 x/i/f ""',
      "l 0777 1:2 x/l -> d",
    ]);
  });

  test("its root entry describes the destination", async () => {
    const members: Members = [
      ["", dir({ mode: 0o700, uid: 3, mtime: 9 })],
      ["f", file("")],
    ];
    expect(await unpack(scratch, "x", members)).toEqual(["d 0700 3:0 x @9", 'f 0644 0:0 x/f ""']);
  });

  test("the owner -1 is the one that a file has", async () => {
    const base = tree({ "x/d/k": "k" });
    const nobody = { uid: 0xffffffff, gid: 0xffffffff };
    const members: Members = [
      ["d", dir({ uid: 5, gid: 6 })],
      ["d", dir(nobody)],
      ["f", file("", { ...nobody, gid: 7 })],
    ];
    expect(await unpack(base, "x", members)).toEqual([
      "d 0755 0:0 x now",
      "d 0755 5:6 x/d",
      'f 0644 0:7 x/f ""',
    ]);
  });

  test("times that Go's nanoseconds cannot represent become 1970", async () => {
    const members: Members = [
      ["a", file("", { mtime: 9_223_372_036 })],
      ["b", file("", { mtime: 9_223_372_037 })],
      ["c", dir({ mtime: 10 ** 11 })],
      ["d", file("", { mtime: -1 })],
    ];
    expect((await unpack(scratch, "x", members)).filter((line) => / x\//.test(line))).toEqual([
      'f 0644 0:0 x/a "" @9223372036',
      'f 0644 0:0 x/b "" @0',
      "d 0755 0:0 x/c @0",
      'f 0644 0:0 x/d "" @0',
    ]);
  });

  test("an existing directory gets the metadata of its entry", async () => {
    const base = tree({ "x/k": "k" });
    expect(await unpack(base, "", [["x", dir({ mode: 0o700, uid: 9, mtime: 5 })]])).toEqual([
      "d 0700 9:0 x @5",
    ]);
  });

  test("a name with the whiteout prefix is a file", async () => {
    expect(await unpack(tree({ a: "" }), "", [[".wh.a", ""]])).toEqual(['f 0644 0:0 .wh.a ""']);
  });
});

describe("existing entries", () => {
  const base = tree({ "x/foo": "F", "x/dir/a": "A", "x/dir/b": "B", "x/rel": link("dir"), real: dir() });

  test("files and directories replace each other", async () => {
    const members: Members = [
      ["foo", dir()],
      ["foo/b", "new"],
      ["dir", "now a file"],
      ["rel", dir()],
    ];
    expect(await unpack(base, "x", members)).toEqual([
      "d 0755 0:0 x now",
      'f 0644 0:0 x/dir "now a file"',
      "d 0755 0:0 x/foo",
      'f 0644 0:0 x/foo/b "new"',
      "d 0755 0:0 x/rel",
    ]);
  });

  test("a directory that was removed and created again hides the base's entries in it", async () => {
    const members: Members = [
      ["dir", "file"],
      ["dir", dir()],
      ["dir/a", "new"],
    ];
    expect(await unpack(base, "x", members)).toEqual([
      "d 0755 0:0 x now",
      "d 0755 0:0 x/dir",
      'f 0000 0:0 x/dir/.wh.b "" @0',
      'f 0644 0:0 x/dir/a "new"',
    ]);
  });

  test("links in paths are followed", async () => {
    expect(await unpack(base, "x", [["rel/z", "Z"]])).toEqual([
      "d 0755 0:0 x",
      "d 0755 0:0 x/dir now",
      'f 0644 0:0 x/dir/z "Z"',
    ]);
  });

  test("links of the archive are followed by its later entries", async () => {
    const members: Members = [
      ["a/b", dir()],
      ["l", link("a/b")],
      ["l/f", "F"],
    ];
    expect(await unpack(scratch, "", members)).toContain('f 0644 0:0 a/b/f "F"');
  });

  test("the time of a directory is set after all its entries were unpacked", async () => {
    const members: Members = [
      ["d", dir({ mtime: 5 })],
      ["d/f", ""],
    ];
    expect(await unpack(scratch, "", members)).toEqual(["d 0755 0:0 d @5", 'f 0644 0:0 d/f ""']);
  });
});

test("a removal and a file with the name of its whiteout are one entry", async () => {
  const members: Members = [
    ["d", "file"],
    ["d", dir()],
    ["d/.wh.gone", ""],
    ["d/.wh.other", ""],
  ];
  expect(await unpack(tree({ "d/gone": "" }), "", members)).toEqual([
    "d 0755 0:0 d",
    'f 0644 0:0 d/.wh.gone ""',
    'f 0644 0:0 d/.wh.other ""',
  ]);
});

test("very deep names are unpacked", async () => {
  const members: Members = Array.from({ length: 40 }, (_, n) => [`${n}/${"a/".repeat(500)}f`, ""]);
  expect(await unpack(scratch, "", members)).toHaveLength(40 * 502);
});

describe("paths that leave the destination", () => {
  test("absolute links and links upwards end in the destination", async () => {
    const base = tree({ "etc/passwd": "secret", "x/abs": link("/etc"), "x/up": link("../../etc") });
    for (const name of ["abs", "up"]) {
      const members: Members = [
        ["etc", dir()],
        [`${name}/passwd`, "mine"],
      ];
      expect(await unpack(base, "x", members)).toContain('f 0644 0:0 x/etc/passwd "mine"');
    }
  });

  test("a hard link cannot reach files outside", () => {
    expect(errorOf(tree({ secret: "s" }), [["h", hardLink("../secret")]])).toBe(
      "link /secret /h: no such file or directory",
    );
  });
});

describe("hard links", () => {
  test("between members are one file", async () => {
    const members: Members = [
      ["z", "H"],
      ["a", hardLink("z")],
    ];
    expect(await unpack(scratch, "", members)).toEqual(['f 0644 0:0 a "H"', "h 0644 0:0 z -> a"]);
  });

  test("to a file of the base are links to it, and it becomes an entry", async () => {
    expect(await unpack(tree({ "x/f": "HLX" }), "x", [["h", hardLink("f")]])).toEqual([
      "d 0755 0:0 x now",
      'f 0644 0:0 x/f "HLX"',
      "h 0644 0:0 x/h -> x/f",
    ]);
  });

  test("rewrite the metadata of the file they lead to", async () => {
    expect(
      await unpack(tree({ f: "H" }), "", [["h", hardLink("f", { mode: 0o600, uid: 4, mtime: 5 })]]),
    ).toEqual(['f 0600 4:0 f "H" @5', "h 0600 4:0 h -> f @5"]);
  });
});

describe("archives that contradict themselves", () => {
  const cases: [members: Members, message: string][] = [
    [
      [
        ["a", ""],
        ["a/b", ""],
      ],
      "open /a/b: not a directory",
    ],
    [
      [
        ["a", ""],
        ["a/b", dir()],
      ],
      "mkdir /a/b: not a directory",
    ],
    [
      [
        ["a", link("nope")],
        ["a/b", ""],
      ],
      "open /a/b: no such file or directory",
    ],
    [
      [
        ["a", link("nope")],
        ["a/b/c", ""],
      ],
      "mkdir /a: file exists",
    ],
    [
      [
        ["a", link("a")],
        ["a/b", ""],
      ],
      "open /a/b: too many levels of symbolic links",
    ],
    [[["h", hardLink("gone")]], "link /gone /h: no such file or directory"],
    [
      [
        ["d", dir()],
        ["h", hardLink("d")],
      ],
      "link /d /h: operation not permitted",
    ],
    [
      [
        ["d", dir()],
        ["d", link("nope")],
      ],
      "chtimes /d: no such file or directory",
    ],
  ];
  for (const [members, message] of cases) {
    test(message, () => {
      expect(errorOf(scratch, members)).toBe(message);
    });
  }
});

describe("ADD", () => {
  const context = tree({ "a.tar": "an archive", f: "F", l: link("a.tar"), "d/a.tar": "an archive" });
  const add = async (src: string, dest: string) => {
    const sources = src.split(" ").map((path) => ({
      ...sourceOf(context, path),
      unpack: async (node: Node) =>
        node.path.endsWith(".tar") ? archive([["foo", file("t", { uid: 3 })]]) : undefined,
    }));
    const { changes } = await copy(scratch, { sources, dest, chmodText: "600" });
    return linesOf(layerEntries(changes));
  };

  test("unpacks named archives and copies other files, in order", async () => {
    expect(await add("a.tar f", "/x")).toEqual([
      "d 0755 0:0 x now",
      'f 0600 0:0 x/f "F"',
      'f 0644 3:0 x/foo "t"',
    ]);
  });

  test("unpacks the target of a link, but nothing inside a directory", async () => {
    expect(await add("l", "/x/")).toContain('f 0644 3:0 x/foo "t"');
    expect(await add("d", "/x/")).toEqual(["d 0600 0:0 x", 'f 0600 0:0 x/a.tar "an archive"']);
  });
});
