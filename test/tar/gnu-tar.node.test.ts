import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { link, lstat, mkdir, open, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { concat } from "../../src/streams/concat.ts";
import type { Entry } from "../../src/tar/entry.ts";
import { readTar } from "../../src/tar/read.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { noise } from "../streams/source.ts";
import { archive, entry, member, type ReadMember } from "./archive.ts";

/** Names of arbitrary bytes, which all file systems accept. */
const FOREIGN = Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74]);
const LONG = `${"directory/".repeat(12)}${"n".repeat(120)}`;

const folder = suiteFolder();
let tree: string;

beforeAll(async () => {
  tree = join(folder, "tree");
  await mkdir(join(tree, "dir"), { recursive: true });
  await writeFile(join(tree, "dir/empty"), "");
  await writeFile(join(tree, "dir/small"), "hello\n", { mode: 0o4755 });
  await writeFile(join(tree, "dir/big"), noise(200_000));
  await writeFile(join(tree, "grün"), "umlaut");
  await symlink("../outside", join(tree, "link"));
  await link(join(tree, "dir/small"), join(tree, "second"));
  execFileSync("mkfifo", ["-m", "600", join(tree, "fifo")]);
  execFileSync("find", [tree, "-exec", "touch", "-h", "-d", "@1700000000", "{}", "+"]);
});

function tar(...args: string[]): Buffer {
  return execFileSync("tar", args, {
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Members of the archive that GNU tar makes of the tree, in our order. */
async function pack(...args: string[]): Promise<ReadMember[]> {
  const path = join(folder, "packed.tar");
  tar("-C", tree, "--numeric-owner", "--owner=1000", "--group=100", "--sort=name", ...args, "-cf", path, ".");
  const members: ReadMember[] = [];
  for await (const { entry, name, body } of readTar(createReadStream(path))) {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    members.push({ entry, name, contents: concat(parts) });
  }
  return members.toSorted((a, b) => comparePaths(a.entry.path, b.entry.path));
}

function common(path: string, mode: number, more: Partial<Entry> = {}): Entry {
  return entry({ path, mode, uid: 1000, gid: 100, mtime: 1_700_000_000, ...more });
}

describe("readTar of archives of GNU tar", () => {
  it.each(["v7", "oldgnu", "gnu", "ustar", "pax"])("in format %s", async (format) => {
    const isV7 = format === "v7";
    const members = await pack(`--format=${format}`, ...(isV7 ? ["--exclude=./fifo"] : []));
    expect(members.map(({ entry }) => entry)).toEqual([
      common("", 0o755, { type: "dir" }),
      common("dir", 0o755, { type: "dir" }),
      common("dir/big", 0o644, { size: 200_000 }),
      common("dir/empty", 0o644),
      common("dir/small", 0o4755, { size: 6 }),
      ...(isV7 ? [] : [common("fifo", 0o600, { type: "fifo" })]),
      common("grün", 0o644, { size: 6 }),
      common("link", 0o777, { type: "symlink", linkname: "../outside" }),
      common("second", 0o4755, { type: "hardlink", linkname: "dir/small" }),
    ]);
    const contents = new Map(members.map(({ entry, contents }) => [entry.path, contents]));
    expect(contents.get("dir/big")).toEqual(noise(200_000));
    expect(Buffer.from(contents.get("dir/small") ?? []).toString()).toBe("hello\n");
  });

  it.each(["gnu", "oldgnu", "pax"])("with long and foreign names in format %s", async (format) => {
    const names = join(folder, "names");
    await mkdir(join(names, "directory/".repeat(12)), { recursive: true });
    await writeFile(join(names, LONG), "long");
    await symlink(LONG, join(names, "link"));
    await writeFile(Buffer.concat([Buffer.from(`${names}/`), FOREIGN]), "foreign");
    const path = join(folder, "names.tar");
    tar("-C", names, `--format=${format}`, "-cf", path, ".");
    const found = new Map<string, Entry>();
    for await (const { entry } of readTar(createReadStream(path))) found.set(entry.path, entry);
    expect(found.get(LONG)?.size).toBe(4);
    expect(found.get("link")?.linkname).toBe(LONG);
    expect(found.get("f\udcff\udcfe.t")?.size).toBe(7);
    await rm(names, { recursive: true });
  });

  it.each([
    ["gnu", "--format=gnu"],
    ["pax 0.0", "--format=pax", "--sparse-version=0.0"],
    ["pax 0.1", "--format=pax", "--sparse-version=0.1"],
    ["pax 1.0", "--format=pax", "--sparse-version=1.0"],
  ])("with holes in format %s", async (_, ...options) => {
    const path = join(folder, "sparse");
    const file = await open(path, "w");
    const expected = new Uint8Array(2_000_000);
    // More segments than a header of the old format holds.
    for (let i = 0; i < 30; i++) {
      const data = noise(100, i);
      expected.set(data, i * 65_536);
      await file.write(data, 0, 100, i * 65_536);
    }
    await file.truncate(2_000_000);
    await file.close();
    const packed = join(folder, "sparse.tar");
    tar("-C", folder, ...options, "--sparse", "-cf", packed, "sparse");
    expect((await lstat(packed)).size).toBeLessThan(1_000_000);
    for await (const { entry, body } of readTar(createReadStream(packed))) {
      expect(entry).toMatchObject({ path: "sparse", size: 2_000_000 });
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      expect(Buffer.compare(concat(parts), expected)).toBe(0);
    }
  });

  it("with fractions of seconds and times before 1970", async () => {
    const file = join(folder, "old");
    await writeFile(file, "");
    const times: number[] = [];
    for (const time of ["-1.25", "1700000000.123456789", "8589934592"]) {
      execFileSync("touch", ["-d", `@${time}`, file]);
      const packed = join(folder, "old.tar");
      tar("-C", folder, "--format=pax", "-cf", packed, "old");
      for await (const { entry } of readTar(createReadStream(packed))) times.push(entry.mtime);
    }
    expect(times).toEqual([-1.25, 1700000000.1234567, 8589934592]);
  });

  it("with owners that need binary numbers", async () => {
    const members = await pack("--format=gnu", "--owner=3000000000", "--group=4000000000");
    expect(members[1]?.entry).toMatchObject({ uid: 3e9, gid: 4e9 });
  });
});

describe("GNU tar of our archives", () => {
  const path = () => join(folder, "ours.tar");
  const long = "n".repeat(200);
  const members = [
    member({ path: "", type: "dir", mode: 0o755 }),
    member({ path: "dir", type: "dir", mode: 0o2750, mtime: 315_532_800 }),
    member({ path: "dir/file", mode: 0o4755, mtime: 315_532_800 }, "hello"),
    member({ path: `dir/${long}`, mode: 0o644 }, "long"),
    member({ path: `${"p".repeat(150)}/${"n".repeat(90)}`, mode: 0o644 }, "divided"),
    member({ path: "grün", mode: 0o644, mtime: 1.5 }, "umlaut"),
    member({ path: "f\udcff\udcfe.t", mode: 0o644 }, "foreign"),
    member({ path: "hard", type: "hardlink", mode: 0o4755, linkname: "dir/file" }),
    member({ path: "soft", type: "symlink", mode: 0o777, linkname: `dir/${long}` }),
    member({ path: "fifo", type: "fifo", mode: 0o600 }),
  ];

  beforeAll(() => writeFile(path(), archive(...members)));

  it("lists it", () => {
    const listed = tar("--numeric-owner", "--utc", "--full-time", "--quoting-style=escape", "-tvf", path());
    expect(
      listed
        .toString()
        .split("\n")
        .map((line) => line.replace(/ +/g, " ")),
    ).toEqual([
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 ./",
      "drwxr-s--- 0/0 0 1980-01-01 00:00:00 dir/",
      "-rwsr-xr-x 0/0 5 1980-01-01 00:00:00 dir/file",
      `-rw-r--r-- 0/0 4 1970-01-01 00:00:00 dir/${long}`,
      `-rw-r--r-- 0/0 7 1970-01-01 00:00:00 ${"p".repeat(150)}/${"n".repeat(90)}`,
      "-rw-r--r-- 0/0 6 1970-01-01 00:00:01.5 gr\\303\\274n",
      "-rw-r--r-- 0/0 7 1970-01-01 00:00:00 f\\377\\376.t",
      "hrwsr-xr-x 0/0 0 1970-01-01 00:00:00 hard link to dir/file",
      `lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 soft -> dir/${long}`,
      "prw------- 0/0 0 1970-01-01 00:00:00 fifo",
      "",
    ]);
  });

  it("unpacks it", async () => {
    const target = join(folder, "unpacked");
    await mkdir(target);
    tar("-C", target, "-xpf", path());
    expect(await readFile(join(target, "dir/file"), "utf8")).toBe("hello");
    expect((await lstat(join(target, "dir/file"))).mode & 0o7777).toBe(0o4755);
    expect((await lstat(join(target, "dir/file"))).nlink).toBe(2);
    expect(await readFile(join(target, "dir", long), "utf8")).toBe("long");
    expect(await readlink(join(target, "soft"))).toBe(`dir/${long}`);
    expect(await readFile(Buffer.concat([Buffer.from(`${target}/`), FOREIGN]), "utf8")).toBe("foreign");
    expect((await lstat(join(target, "grün"))).mtimeMs).toBe(1500);
  });

  it("lists the extended attributes", async () => {
    await writeFile(path(), archive(member({ path: "f", xattrs: { "user.a": btoa("one\0two") } }, "")));
    const target = join(folder, "xattrs");
    await mkdir(target);
    // The file system of the machine may not support them, so only the list is compared.
    const listed = tar("-vv", "--xattrs", "-tf", path()).toString();
    expect(listed).toMatch(/x: +7 user\.a/);
  });
});
