import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pathJudge } from "../../src/context/context-view.ts";
import { contextMode, type FoundEntry, findContextFiles } from "../../src/machine/context-files.ts";
import { comparePaths, decodeName } from "../../src/tar/text.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

async function find(folder: string, ignore: string[] = [], umask = 0o022): Promise<FoundEntry[]> {
  const found = await findContextFiles(folder, { judge: pathJudge({ ignore }), umask });
  return found.filter((entry) => typeof entry !== "number");
}
const pathsOf = (entries: FoundEntry[]) => entries.map(({ path }) => path);

describe("a folder", () => {
  test("is listed in path order", async () => {
    using folder = temporaryFolder({
      "a/b": "1",
      "a.txt": "2",
      "a-b": "3",
      "a/": "",
      "ä/ö": "4",
      "\u{1f600}": "5",
      "\uffee": "6",
    });
    const paths = pathsOf(await find(folder.path));
    expect(paths).toEqual(["a", "a/b", "a-b", "a.txt", "ä", "ä/ö", "\uffee", "\u{1f600}"]);
    expect(paths).toEqual([...paths].sort(comparePaths));
  });

  test("returns the types of entries", async () => {
    using folder = temporaryFolder({ f: { text: "abc", mode: 0o4755 }, "d/": "", l: { link: "/nowhere" } });
    execFileSync("mkfifo", [join(folder.path, "p")]);
    expect(await find(folder.path)).toMatchObject([
      { path: "d", type: "dir", size: 0 },
      { path: "f", type: "file", mode: 0o4755, size: 3 },
      { path: "l", type: "symlink", mode: 0o777, size: 0, linkname: "/nowhere" },
      { path: "p", type: "fifo", size: 0 },
    ]);
  });

  test("has the second name of a file as a link to the first", async () => {
    using folder = temporaryFolder({ "z/a": "1", b: "2" });
    linkSync(join(folder.path, "z/a"), join(folder.path, "c"));
    linkSync(join(folder.path, "z/a"), join(folder.path, "z/b"));
    const links = (await find(folder.path)).map(({ path, type, linkname, size }) => [
      path,
      type,
      linkname,
      size,
    ]);
    expect(links).toEqual([
      ["b", "file", undefined, 1],
      ["c", "file", undefined, 1],
      ["z", "dir", undefined, 0],
      ["z/a", "hardlink", "c", 0],
      ["z/b", "hardlink", "c", 0],
    ]);
    expect((await find(folder.path, ["c"])).map(({ path, linkname }) => [path, linkname])).toContainEqual([
      "z/b",
      "z/a",
    ]);
  });

  test("may have names of any bytes", async () => {
    using folder = temporaryFolder({ "\ufffd": "1" });
    const name = Uint8Array.of(0x61, 0xff);
    const place = Buffer.concat([Buffer.from(`${folder.path}/`), name]);
    mkdirSync(place);
    writeFileSync(Buffer.concat([place, Buffer.from("/x")]), "1");
    symlinkSync(Buffer.from(name), Buffer.concat([place, Buffer.from("/y")]));
    const text = decodeName(name);
    expect(await find(folder.path)).toMatchObject([
      { path: text },
      { path: `${text}/x`, size: 1 },
      { path: `${text}/y`, linkname: text },
      { path: "\ufffd" },
    ]);
  });
});

describe("an ignore file", () => {
  const files = { "a/b/c": "1", "a/b/d": "2", "a/e": "3", "f.log": "4" };
  test.each<[string, string[], string[]]>([
    ["hides what it names", ["a/b", "*.log"], ["a", "a/e"]],
    [
      "lets something in again, with the directories above it",
      ["a", "!a/b/c"],
      ["a", "a/b", "a/b/c", "f.log"],
    ],
    ["lets in nothing that is not there", ["a", "!a/b/x"], ["f.log"]],
    ["hides everything", ["*"], []],
  ])("%s", async (_, ignore, expected) => {
    using folder = temporaryFolder(files);
    expect(pathsOf(await find(folder.path, ignore))).toEqual(expected);
  });

  test("skips unreadable entries", async () => {
    using folder = temporaryFolder({ a: "1" });
    symlinkSync("x".repeat(4000), join(folder.path, "l"));
    mkdirSync(join(folder.path, "locked"));
    chmodSync(join(folder.path, "locked"), 0);
    expect(pathsOf(await find(folder.path, ["locked"]))).toEqual(["a", "l"]);
  });
});

describe("a mode", () => {
  test.each<[string, number, FoundEntry["type"], number, number]>([
    ["with a usual umask", 0o644, "file", 0o022, 0o644],
    ["of a program", 0o755, "file", 0o022, 0o755],
    ["made by a group", 0o664, "file", 0o002, 0o644],
    ["of a directory of a group", 0o775, "dir", 0o002, 0o755],
    ["with a private umask", 0o600, "file", 0o077, 0o644],
    ["of a private program", 0o700, "file", 0o077, 0o755],
    ["of a directory that passes its group on", 0o2775, "dir", 0o002, 0o2755],
    ["that was chosen", 0o600, "file", 0o022, 0o600],
    ["that was chosen for all", 0o777, "dir", 0o022, 0o777],
    ["of a link", 0o700, "symlink", 0o077, 0o777],
  ])("%s", (_, mode, type, umask, expected) => {
    expect(contextMode(mode, type, umask).toString(8)).toBe(expected.toString(8));
  });
});
