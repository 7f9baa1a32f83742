import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unpackFolder } from "../../src/machine/unpack-folder.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { encodeMember, endOfArchive, padding } from "../../src/tar/write.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

type Member = Partial<Entry> & Pick<Entry, "path" | "type"> & { text?: string };

async function* archive(...members: Member[]): AsyncGenerator<Uint8Array> {
  for (const { text = "", ...member } of members) {
    const bytes = new TextEncoder().encode(text);
    yield encodeMember({ mode: 0o644, uid: 0, gid: 0, mtime: 1_000_000_000, size: bytes.length, ...member });
    yield bytes;
    yield padding(bytes.length);
  }
  yield endOfArchive;
}

test("files, folders and links equal those of the archive", async () => {
  using folder = temporaryFolder();
  const out = join(folder.path, "new/out");
  await unpackFolder(
    archive(
      { path: "a", type: "dir", mode: 0o750 },
      { path: "a/file", type: "file", mode: 0o640, text: "one" },
      { path: "a/hard", type: "hardlink", linkname: "a/file" },
      { path: "a/soft", type: "symlink", linkname: "../gone" },
      { path: "null", type: "char", device: { major: 1, minor: 3 } },
      { path: "deep/without/folders", type: "file", text: "two" },
    ),
    out,
  );
  expect(readFileSync(join(out, "a/hard"), "utf8")).toBe("one");
  expect(readlinkSync(join(out, "a/soft"))).toBe("../gone");
  expect(readFileSync(join(out, "deep/without/folders"), "utf8")).toBe("two");
  expect(statSync(join(out, "a/file")).mode & 0o777).toBe(0o640);
  expect(statSync(join(out, "a")).mode & 0o777).toBe(0o750);
  expect(statSync(join(out, "a")).mtimeMs).toBe(1_000_000_000_000);
  expect(existsSync(join(out, "null"))).toBe(false);
});

test("times before 1970 are kept", async () => {
  using folder = temporaryFolder();
  const mtime = -86_400;
  await unpackFolder(
    archive({ path: "a", type: "dir", mtime }, { path: "a/file", type: "file", mtime }),
    folder.path,
  );
  for (const path of ["a", "a/file"]) expect(statSync(join(folder.path, path)).mtimeMs).toBe(mtime * 1000);
});

test("a file whose contents are incomplete replaces nothing and leaves nothing", async () => {
  using folder = temporaryFolder({ "out/file": "old" });
  async function* interrupted(): AsyncGenerator<Uint8Array> {
    const size = 1_000_000;
    yield encodeMember({ path: "file", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size });
    yield new Uint8Array(size / 2);
    throw new Error("the server is gone");
  }
  const out = join(folder.path, "out");
  await expect(unpackFolder(interrupted(), out)).rejects.toThrow("the server is gone");
  expect(readdirSync(out)).toEqual(["file"]);
  expect(readFileSync(join(out, "file"), "utf8")).toBe("old");
});

test("existing entries are replaced, except folders", async () => {
  using folder = temporaryFolder({ file: "old", "dir/kept": "kept", "was/dir/x": "", link: { link: "dir" } });
  await unpackFolder(
    archive(
      { path: "file", type: "file", text: "new" },
      { path: "dir/added", type: "file" },
      { path: "was", type: "file", text: "file now" },
      { path: "link/in", type: "file" },
    ),
    folder.path,
  );
  expect(readFileSync(join(folder.path, "file"), "utf8")).toBe("new");
  expect(readFileSync(join(folder.path, "was"), "utf8")).toBe("file now");
  expect(existsSync(join(folder.path, "dir/kept"))).toBe(true);
  expect(lstatSync(join(folder.path, "link")).isDirectory()).toBe(true);
  expect(existsSync(join(folder.path, "dir/in"))).toBe(false);
});

describe("nothing outside of the folder is touched", () => {
  test.each<[string, Member[]]>([
    ["by a name", [{ path: "../victim", type: "file", text: "bad" }]],
    [
      "through a link of the archive",
      [
        { path: "out", type: "symlink", linkname: ".." },
        { path: "out/victim", type: "file", text: "bad" },
      ],
    ],
    [
      "over a link of the archive",
      [
        { path: "out", type: "symlink", linkname: "../victim" },
        { path: "out", type: "file", text: "bad" },
      ],
    ],
    [
      "through links to links",
      [
        { path: "a", type: "symlink", linkname: ".." },
        { path: "b", type: "symlink", linkname: "a" },
        { path: "b/victim", type: "file", text: "bad" },
      ],
    ],
    ["by a mode", [{ path: "out", type: "symlink", linkname: "../victim", mode: 0o777 }]],
  ])("%s", async (_, members) => {
    using folder = temporaryFolder({ victim: { text: "safe", mode: 0o600 }, "out/": "" });
    await unpackFolder(archive(...members), join(folder.path, "out"));
    expect(readFileSync(join(folder.path, "victim"), "utf8")).toBe("safe");
    expect(statSync(join(folder.path, "victim")).mode & 0o777).toBe(0o600);
  });

  test("by a hard link to an existing file", async () => {
    using folder = temporaryFolder({ victim: "safe", "out/": "" });
    const members: Member[] = [
      { path: "to", type: "symlink", linkname: ".." },
      { path: "hard", type: "hardlink", linkname: "to/victim" },
      { path: "hard", type: "file", text: "bad" },
    ];
    await expect(unpackFolder(archive(...members), join(folder.path, "out"))).rejects.toThrow("to/victim");
    expect(readFileSync(join(folder.path, "victim"), "utf8")).toBe("safe");
  });

  test("by the mode of a directory that a link replaced", async () => {
    using folder = temporaryFolder({ "private/below/file": "", "out/": "" });
    const place = (path: string) => join(folder.path, path);
    for (const path of ["private", "private/below"]) chmodSync(place(path), 0o700);
    const members: Member[] = [
      { path: "d", type: "dir", mode: 0o777 },
      { path: "d/below", type: "dir", mode: 0o777 },
      { path: "d", type: "symlink", linkname: "../private" },
    ];
    await unpackFolder(archive(...members), place("out"));
    for (const path of ["private", "private/below"]) {
      const { mode, mtimeMs } = statSync(place(path));
      expect(mode & 0o777).toBe(0o700);
      expect(mtimeMs).toBeGreaterThan(1_100_000_000_000);
    }
  });
});

test.each(["/proc/nope", "/proc/nope/below"])("%s is rejected at once", async (folder) => {
  await expect(unpackFolder(archive({ path: "a", type: "dir" }), folder)).rejects.toThrow("ENOENT");
});
