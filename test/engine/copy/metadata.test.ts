import { describe, expect, test } from "vitest";
import { layerEntries } from "../../../src/engine/copy/layer-entries.ts";
import { device, dir, file, link, tree } from "../../helpers/tree.ts";
import { copy, errorOf, layerOf, scratch } from "./run-copy.ts";

const owned = tree({
  d: dir({ mode: 0o750, uid: 7, gid: 8, mtime: 100 }),
  "d/a": file("A", { mode: 0o4640, uid: 1, gid: 2, mtime: 101 }),
  "d/l": link("a", { uid: 3, gid: 4 }),
  "d/s": dir({ mode: 0o1711, uid: 5, gid: 6, mtime: 102 }),
  "d/s/b": file("B", { mtime: 103.75 }),
});

describe("without flags", () => {
  test("entries of a context belong to root and keep mode and time stamp", async () => {
    expect(await layerOf(scratch, { from: owned, src: "d", dest: "/n" })).toEqual([
      "d 0755 0:0 n @100",
      'f 4640 0:0 n/a "A" @101',
      "l 0777 0:0 n/l -> a",
      "d 1711 0:0 n/s @102",
      'f 0644 0:0 n/s/b "B" @103.75',
    ]);
  });

  test("entries of a stage keep their owners, the top directory does not", async () => {
    expect(await layerOf(scratch, { stage: owned, src: "d", dest: "/n" })).toEqual([
      "d 0755 0:0 n @100",
      'f 4640 1:2 n/a "A" @101',
      "l 0777 3:4 n/l -> a",
      "d 1711 5:6 n/s @102",
      'f 0644 0:0 n/s/b "B" @103.75',
    ]);
  });

  test("an existing directory below the top gets the metadata of the source, the top one stays", async () => {
    const base = tree({ n: dir({ mode: 0o700, uid: 9 }), "n/s": dir({ mode: 0o777, uid: 9 }) });
    const lines = await layerOf(base, { stage: owned, src: "d", dest: "/n" });
    expect(lines[0]).toBe("d 0700 9:0 n @100");
    expect(lines).toContain("d 1711 5:6 n/s @102");
  });

  test("devices and pipes are kept", async () => {
    const from = tree({ "d/c": device("char", 1, 3), "d/b": device("block", 8, 1), "d/p": device("fifo") });
    const { changes } = await copy(scratch, { from, src: "d", dest: "/n" });
    expect([...layerEntries(changes)].slice(1).map(({ node }) => [node.type, node.device])).toEqual([
      ["block", { major: 8, minor: 1 }],
      ["char", { major: 1, minor: 3 }],
      ["fifo", undefined],
    ]);
  });

  test("of the extended attributes only capabilities are written to the layer", async () => {
    const from = tree({ f: file("", { xattrs: { "security.capability": "AQ==", "user.k": "dg==" } }) });
    const { changes } = await copy(scratch, { stage: from, src: "f", dest: "/n" });
    expect(changes.lookup("n")?.xattrs).toHaveProperty(["user.k"]);
    const [entry] = layerEntries(changes);
    expect(entry?.node.xattrs).toEqual({ "security.capability": "AQ==" });
  });

  test("capabilities of a context are lost when its files are given to root", async () => {
    const from = tree({ f: file("", { xattrs: { "security.capability": "AQ==" } }) });
    const { changes } = await copy(scratch, { from, src: "f", dest: "/n" });
    expect(changes.lookup("n")).not.toHaveProperty("xattrs");
  });

  test("entries created in a setgid directory get its group and the bit, unless an owner is requested", async () => {
    const base = tree({ shared: dir({ mode: 0o2775, gid: 50 }) });
    const from = tree({ "d/f": "" });
    const made = async (chown?: string) =>
      (
        await copy(base, { from, src: "d", dest: "/shared/new/deep/", ...(chown && { chown }) })
      ).changes.lookup("shared/new");
    expect(await made()).toMatchObject({ mode: 0o2755, gid: 50 });
    expect(await made("7:8")).toMatchObject({ mode: 0o2755, uid: 7, gid: 8 });
  });
});

describe("--chown", () => {
  const base = tree({
    "etc/passwd": "root:x:0:0::/:\nbob:x:1001:1002::/:\n5:x:77:78::/:\n",
    "etc/group": "root:x:0:\nstaff:x:50:bob\n",
  });
  const cases: [chown: string, owner: string, unknown?: string][] = [
    ["1:2", "1:2"],
    ["5", "5:5"],
    ["1001:", "1001:0"],
    ["bob", "1001:1002"],
    ["bob:staff", "1001:50"],
    ["root", "0:0"],
    [":staff", "0:50"],
    [":", "0:0"],
    ["-1", "0:0"],
    ["nobody", "0:0", "nobody"],
    ["bob:nobody", "1001:1002", "nobody"],
    ["4294967295", "0:0", "4294967295"],
  ];
  for (const [chown, owner, unknown] of cases) {
    test(`${chown}: ${owner}`, async () => {
      const { changes, warnings } = await copy(base, { stage: owned, src: "d", dest: "/x/n", chown });
      const owners = [...changes.walk("x")].map(({ uid, gid }) => `${uid}:${gid}`);
      expect(new Set(owners)).toEqual(new Set([owner]));
      expect(warnings.map(({ name }) => name)).toEqual(unknown === undefined ? [] : [unknown]);
    });
  }

  test("follows links to the list of users", async () => {
    const linked = tree({ "real/passwd": "bob:x:7:8::/:\n", etc: link("/real") });
    expect(await layerOf(linked, { from: tree({ f: "" }), src: "f", dest: "/n", chown: "bob" })).toEqual([
      'f 0644 7:8 n ""',
    ]);
  });

  test("a name needs a tree to look it up in", async () => {
    const wanted = { from: owned, src: "d", dest: "/n", chown: "bob" };
    expect(await errorOf(base, { ...wanted, link: true })).toBe("invalid user index: -1");
    expect(await errorOf(scratch, { ...wanted, noLayers: true })).toBe("invalid user index: -1");
    expect(await errorOf(scratch, { ...wanted, noLayers: true, chown: "7:8" })).toBe("no error");
  });
});

describe("--chmod", () => {
  test("in octal applies to all entries, and without the special bits to created directories", async () => {
    expect(await layerOf(scratch, { from: owned, src: "d", dest: "/p/n", chmodText: "2750" })).toEqual([
      "d 0750 0:0 p now",
      "d 0750 0:0 p/n @100",
      'f 2750 0:0 p/n/a "A" @101',
      "l 0777 0:0 p/n/l -> a",
      "d 2750 0:0 p/n/s @102",
      'f 2750 0:0 p/n/s/b "B" @103.75',
    ]);
  });

  test("in symbolic form changes only copied entries", async () => {
    expect(await layerOf(scratch, { from: owned, src: "d", dest: "/n", chmodText: "g+w,o=" })).toEqual([
      "d 0755 0:0 n @100",
      'f 4660 0:0 n/a "A" @101',
      "l 0777 0:0 n/l -> a",
      "d 1730 0:0 n/s @102",
      'f 0660 0:0 n/s/b "B" @103.75',
    ]);
  });

  test("does not touch directories that exist", async () => {
    const base = tree({ p: dir({ mode: 0o711 }) });
    const lines = await layerOf(base, { from: owned, src: "d/a", dest: "/p/", chmodText: "600" });
    expect(lines[0]).toBe("d 0711 0:0 p now");
  });
});
