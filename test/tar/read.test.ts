import { describe, expect, it } from "vitest";
import { concat } from "../../src/streams/concat.ts";
import { beginsAsTar, readTar } from "../../src/tar/read.ts";
import { noise, Source, source, utf8 } from "../streams/source.ts";
import { archive, entry, GNU, member, pax, rawHeader, rawMember, readAll, readOne, text } from "./archive.ts";

/** GNU's header for a name that does not fit. */
function long(type: "L" | "K", name: string): Uint8Array {
  return rawMember({ name: "././@LongLink", type, magic: GNU }, `${name}\0`);
}

describe("readTar", () => {
  it("gives members with their contents", async () => {
    const bytes = archive(
      member({ path: "d", type: "dir" }),
      member({ path: "d/f" }, "hello"),
      member({ path: "e" }),
    );
    const members = await readAll(bytes);
    expect(
      members.map(({ entry, name, contents }) => [entry.path, entry.type, name, text(contents)]),
    ).toEqual([
      ["d", "dir", "d/", ""],
      ["d/f", "file", "d/f", "hello"],
      ["e", "file", "e", ""],
    ]);
  });

  it.each([1, 100, 511, 512, 513, 100_000])("reads chunks of %d bytes", async (size) => {
    const contents = noise(3000);
    const bytes = archive(
      member({ path: "a" }, contents),
      member({ path: "b" }, "b"),
      member({ path: "c" }, contents),
    );
    const members = await readAll(bytes, {}, size);
    expect(members.map(({ contents }) => contents)).toEqual([contents, utf8("b"), contents]);
  });

  it("skips bodies that are not read, or not to their end", async () => {
    const big = noise(200_000);
    const bytes = archive(member({ path: "a" }, big), member({ path: "b" }, big), member({ path: "c" }, "c"));
    const seen: string[] = [];
    for await (const { entry, body } of readTar(source(bytes, 10_000))) {
      seen.push(entry.path);
      if (entry.path === "b") for await (const _ of body) break;
    }
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("yields small files as one chunk, large ones as they are read", async () => {
    const bytes = archive(member({ path: "small" }, noise(65_536)), member({ path: "large" }, noise(65_537)));
    const sizes: (number | undefined)[] = [];
    for await (const { bytes: whole } of readTar(source(bytes, 1000))) sizes.push(whole?.length);
    expect(sizes).toEqual([65_536, undefined]);
  });

  it("rejects reading a body after the next member was requested", async () => {
    const bytes = archive(member({ path: "a" }, noise(100_000)), member({ path: "b" }));
    const members = readTar(source(bytes, 1000));
    const { value: first } = await members.next();
    await members.next();
    const late = first?.body[Symbol.asyncIterator]().next();
    await expect(late).rejects.toThrow("next member was already requested");
  });

  it("ends its source when the consumer stops", async () => {
    const given = source(archive(member({ path: "a" }), member({ path: "b" })), 512);
    for await (const _ of readTar(given)) break;
    expect(given.isEnded).toBe(true);
  });

  it("reads the rest of the source after the archive, unless disabled", async () => {
    const bytes = concat([archive(member({ path: "a" })), noise(5000)]);
    const drained = source(bytes, 512);
    for await (const _ of readTar(drained));
    expect(drained.pulled).toBe(Math.ceil(bytes.length / 512));
    const left = source(bytes, 512);
    for await (const _ of readTar(left, { drain: false }));
    expect(left.pulled).toBe(3);
    expect(left.isEnded).toBe(true);
  });

  it("does not require an end of archive, or padding at the end of the source", async () => {
    expect(await readAll(member({ path: "a" }, "x"))).toHaveLength(1);
    expect(await readAll(member({ path: "a" }, "x").subarray(0, 513))).toHaveLength(1);
    expect(await readAll(concat([member({ path: "a" }), new Uint8Array(512)]))).toHaveLength(1);
    expect(await readAll(new Uint8Array(0))).toHaveLength(0);
  });
});

describe("types", () => {
  it.each([
    ["\0", "f", "file"],
    ["\0", "f/", "dir"],
    ["0", "f", "file"],
    ["0", "f/", "file"],
    ["1", "f", "hardlink"],
    ["2", "f", "symlink"],
    ["3", "f", "char"],
    ["4", "f", "block"],
    ["5", "f", "dir"],
    ["6", "f", "fifo"],
  ])("reads type %j of %j as %s", async (type, name, expected) => {
    expect(await readOne(archive(rawHeader({ type, name, linkname: "t" })))).toMatchObject({
      path: "f",
      type: expected,
    });
  });

  it.each(["7", "D", "V", "M", "X", "Z"])("rejects the type %j, as BuildKit does", async (type) => {
    const bytes = archive(rawMember({ name: "f", type, magic: GNU }));
    await expect(readAll(bytes)).rejects.toMatchObject({ code: "unsupported-type", entry: "f" });
  });

  it("reads no contents of links, directories and devices with a size", async () => {
    for (const type of ["1", "2", "3", "4", "5", "6"]) {
      const bytes = archive(rawHeader({ type, linkname: "t", size: "1000" }), member({ path: "next" }, "x"));
      const members = await readAll(bytes);
      expect(members.map(({ entry }) => entry.size)).toEqual([0, 1]);
    }
  });

  it("skips global headers", async () => {
    const global = pax({ comment: "0123456789abcdef", mtime: "77", path: "elsewhere" }, "g");
    expect(await readOne(archive(global, member({ path: "f", mtime: 5 })))).toEqual(
      entry({ path: "f", mtime: 5 }),
    );
  });

  it("keeps device numbers, modes and links", async () => {
    const device = rawHeader({ type: "3", major: "5", minor: "1", mode: "0106755", linkname: "ignored" });
    expect(await readOne(archive(device))).toEqual(
      entry({ path: "f", type: "char", device: { major: 5, minor: 1 }, mode: 0o6755 }),
    );
    const symlink = member({ path: "l", type: "symlink", linkname: "../../../outside//x/" });
    expect(await readOne(archive(symlink), { escapes: "refuse" })).toMatchObject({
      linkname: "../../../outside//x/",
    });
    const hardlink = rawHeader({ type: "1", linkname: "./a/../b" });
    expect(await readOne(archive(hardlink))).toMatchObject({ type: "hardlink", linkname: "b" });
  });

  it("accepts owners written as negative numbers", async () => {
    const minusTwo = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 254);
    expect(await readOne(archive(rawHeader({ uid: minusTwo })))).toMatchObject({ uid: 4_294_967_294 });
  });
});

describe("extended headers", () => {
  it("state values that a plain header cannot", async () => {
    const records = {
      path: `${"dir/".repeat(50)}Grüße`,
      size: "5",
      uid: "3000000000",
      gid: "4000000000",
      mtime: "-1.5",
      "SCHILY.xattr.user.b": Uint8Array.of(0, 255),
      "SCHILY.xattr.user.a": "text",
      unknown: "ignored",
    };
    const [read] = await readAll(archive(pax(records), rawMember({ name: "short", size: "0" }, "12345")));
    expect(read?.entry).toEqual({
      path: records.path,
      type: "file",
      mode: 0,
      uid: 3e9,
      gid: 4e9,
      mtime: -1.5,
      size: 5,
      xattrs: { "user.a": btoa("text"), "user.b": btoa("\0\u00ff") },
    });
    expect(Object.keys(read?.entry.xattrs ?? {})).toEqual(["user.a", "user.b"]);
    expect(text(read?.contents)).toBe("12345");
  });

  it("apply to one member only", async () => {
    const members = await readAll(archive(pax({ path: "a" }), rawHeader({}), rawHeader({ name: "plain" })));
    expect(members.map(({ entry }) => entry.path)).toEqual(["a", "plain"]);
  });

  it("ignore fields that they set to the empty value", async () => {
    expect(
      await readOne(archive(pax({ path: "", mtime: "" }), rawHeader({ name: "n", mtime: "7" }))),
    ).toMatchObject({
      path: "n",
      mtime: 7,
    });
  });

  it("state long targets", async () => {
    const linkpath = `/${"t/".repeat(100)}t`;
    expect(await readOne(archive(pax({ linkpath }), rawHeader({ type: "2" })))).toMatchObject({
      linkname: linkpath,
    });
  });

  it("also have GNU's form, with non-ASCII names and both forms at once", async () => {
    const name = `${"ä/".repeat(100)}n`;
    const target = "t".repeat(200);
    const bytes = archive(
      long("K", target),
      long("L", name),
      rawHeader({ type: "2", magic: GNU }),
      member({ path: "next" }),
    );
    const members = await readAll(bytes);
    expect(members.map(({ entry }) => [entry.path, entry.linkname])).toEqual([
      [name, target],
      ["next", undefined],
    ]);
  });

  it.each([
    ["-1", 4294967295],
    ["4294967296", 0],
    ["99999999999", 1215752191],
  ])("have the owner %s of which Linux uses 32 bits", async (uid, expected) => {
    const bytes = archive(pax({ uid, gid: uid }), rawHeader({ name: "f" }));
    expect(await readOne(bytes)).toMatchObject({ uid: expected, gid: expected });
  });

  it("have no prototype", async () => {
    const read = await readOne(archive(pax({ "SCHILY.xattr.__proto__": "x" }), rawHeader({})));
    expect(Object.keys(read.xattrs ?? {})).toEqual(["__proto__"]);
  });

  it.each([
    ["size", "-1"],
    ["size", "1e3"],
    ["size", "99999999999999999999"],
    ["uid", "12x"],
    ["mtime", "yesterday"],
    ["path", "a\0b"],
    ["linkpath", "\0"],
  ])("are rejected with %s %j", async (keyword, value) => {
    const bytes = archive(
      pax({ [keyword]: value }),
      rawHeader({ name: "victim", type: keyword === "linkpath" ? "2" : "0" }),
    );
    await expect(readAll(bytes)).rejects.toMatchObject({ name: "TarError", code: "bad-header" });
  });
});

describe("names", () => {
  it("are kept as written beside the clean path", async () => {
    const [read] = await readAll(archive(rawHeader({ name: "./../a//b/", type: "5" })));
    expect(read).toMatchObject({ name: "./../a//b/", entry: { path: "a/b", type: "dir" } });
  });

  it("may be anything but NUL", async () => {
    const name = Uint8Array.of(0x61, 0xff, 0x0a, 0x5c);
    expect((await readOne(archive(rawHeader({ name })))).path).toBe("a\udcff\n\\");
  });

  it("that lead out of the root are rejected, or stop at the root on request", async () => {
    const bytes = archive(member({ path: "ok" }), rawHeader({ name: "../../etc/passwd" }));
    expect((await readAll(bytes)).map(({ entry }) => entry.path)).toEqual(["ok", "etc/passwd"]);
    await expect(readAll(bytes, { escapes: "refuse" })).rejects.toMatchObject({
      code: "escapes",
      entry: "../../etc/passwd",
    });
    const link = archive(rawHeader({ name: "l", type: "1", linkname: "a/../../secret" }));
    expect(await readOne(link)).toMatchObject({ linkname: "secret" });
    await expect(readAll(link, { escapes: "refuse" })).rejects.toMatchObject({ code: "escapes", entry: "l" });
  });

  it("of the root belong to directories", async () => {
    expect(await readOne(archive(rawHeader({ name: "./", type: "5" })))).toMatchObject({
      path: "",
      type: "dir",
    });
    for (const name of [".", "..", "/", "a/.."]) {
      await expect(readAll(archive(rawHeader({ name })))).rejects.toMatchObject({
        code: "bad-name",
        entry: name,
      });
    }
    await expect(readAll(archive(rawHeader({ type: "2" })))).rejects.toMatchObject({ code: "bad-name" });
  });
});

describe("a source that is not an archive", () => {
  it("is rejected", async () => {
    await expect(readAll(noise(2048))).rejects.toMatchObject({ name: "TarError", entry: undefined });
  });

  it("is distinguished from one that fails", async () => {
    async function* failing() {
      yield* new Source([member({ path: "a" })]);
      throw new RangeError("connection lost");
    }
    await expect(
      (async () => {
        for await (const _ of readTar(failing()));
      })(),
    ).rejects.toThrow(RangeError);
  });
});

describe("beginsAsTar()", () => {
  const begins = (...parts: Uint8Array[]) => beginsAsTar(source(concat(parts), 100));
  const zeros = new Uint8Array(1024);

  it("recognises a member, whatever follows", async () => {
    expect(await begins(rawHeader({}))).toBe(true);
    expect(await begins(rawHeader({ magic: "" }), utf8("garbage"))).toBe(true);
    expect(await begins(rawHeader({ size: "1000" }), utf8("too short"))).toBe(true);
    expect(await begins(pax({ path: "f", mtime: "1.5" }), rawHeader({}))).toBe(true);
    expect(await begins(rawHeader({ type: "Z" }))).toBe(true);
    expect(await begins(rawHeader({ name: "n".repeat(100) }), zeros)).toBe(true);
    expect(await begins(pax({ path: "n".repeat(256) }), rawHeader({}))).toBe(true);
    expect(await begins(pax({ comment: "of git" }, "g"), zeros)).toBe(true);
  });

  it("rejects anything else, as BuildKit does for ADD", async () => {
    expect(await begins(zeros)).toBe(false);
    expect(await begins(rawHeader({}).subarray(0, 511))).toBe(false);
    expect(await begins(utf8("#!/bin/sh\n".repeat(100)))).toBe(false);
    expect(await begins()).toBe(false);
    expect(await begins(pax({ path: "f" }), zeros)).toBe(false);
    expect(await begins(pax({ path: "f" }))).toBe(false);
    expect(await begins(pax({ mtime: "yesterday" }), rawHeader({}))).toBe(false);
    expect(await begins(pax({ path: "a\0b" }), rawHeader({}))).toBe(false);
    expect(await begins(rawMember({ type: "g" }, "none"), rawHeader({}))).toBe(false);
    expect(await begins(rawMember({ type: "S", magic: GNU }, "x"), zeros)).toBe(false);
  });
});
