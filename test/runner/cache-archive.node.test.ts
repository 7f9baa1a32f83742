import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import type { CacheState } from "../../schemas/cache-mount.ts";
import { isWasteful, loadFolder, type PackPlace, saveFolder } from "../../src/runner/caches/cache-archive.ts";
import { testFolder } from "../helpers/test-folder.ts";
import { archive, member } from "../tar/archive.ts";

const root = testFolder("archive");

/** Packs in memory. */
class Packs implements PackPlace {
  readonly all = new Map<string, Uint8Array>();
  reads = 0;
  async put(pack: string, bytes: Uint8Array): Promise<void> {
    this.all.set(pack, bytes);
  }
  async read(pack: string, offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    return (this.all.get(pack) as Uint8Array).subarray(offset, offset + length);
  }
  get bytes(): number {
    return [...this.all.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

const options = { limit: 2 ** 30, signal: new AbortController().signal };
const noise = (bytes: number, seed: string) => {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < bytes; i++) parts.push(createHash("sha256").update(`${seed} ${i}`).digest());
  return Buffer.concat(parts).subarray(0, bytes);
};

let count = 0;
let folder: string;
let packs: Packs;
beforeEach(async () => {
  folder = join(root, `case-${count++}`);
  await mkdir(join(folder, "from"), { recursive: true });
  await mkdir(join(folder, "to"));
  packs = new Packs();
});
const from = (...names: string[]) => join(folder, "from", ...names);
const to = (...names: string[]) => join(folder, "to", ...names);

async function save(base?: CacheState): Promise<CacheState> {
  const state = await saveFolder(from(), base, packs, options);
  if (state === undefined) throw new Error("nothing has changed");
  return state;
}

describe("a folder", () => {
  test("is restored unchanged", async () => {
    await mkdir(from("d"));
    await writeFile(from("d/large"), noise(5_000_000, "large"));
    await writeFile(from("d/zeros"), new Uint8Array(3_000_000));
    await writeFile(from("empty"), "");
    await symlink("/etc/passwd", from("absolute"));
    await chmod(from("d"), 0o3751);
    await loadFolder(to(), await save(), packs, options);
    const listed = (at: string) =>
      execFileSync("find", [".", "-printf", "%p %y %m %s %T@ %l\n"], { cwd: at, encoding: "utf8" })
        .split("\n")
        .sort();
    expect(listed(to())).toEqual(listed(from()));
    expect((await readFile(to("d/large"))).equals(await readFile(from("d/large")))).toBe(true);
  });

  test("is read in few requests", async () => {
    await writeFile(from("large"), noise(30_000_000, "reads"));
    const state = await save();
    await loadFolder(to(), state, packs, options);
    expect(packs.reads).toBeLessThan(12);
    expect(packs.all.size).toBeLessThan(8);
  });

  test("is sent only as far as it changed", async () => {
    for (let i = 0; i < 40; i++) await writeFile(from(`file-${i}`), noise(400_000, `file ${i}`));
    const first = await save();
    const before = packs.bytes;
    expect(await saveFolder(from(), first, packs, options)).toBeUndefined();
    expect(packs.bytes).toBe(before);
    await writeFile(from("file-20"), noise(400_000, "changed"));
    await rm(from("file-3"));
    const second = await save(first);
    expect(packs.bytes - before).toBeLessThan(2_500_000);
    await loadFolder(to(), second, packs, options);
    expect(await readdir(to())).toHaveLength(39);
    expect((await readFile(to("file-20"))).equals(await readFile(from("file-20")))).toBe(true);
  });

  test("with mostly unused packs is reported as wasteful", async () => {
    for (const name of "abc") {
      await writeFile(from(`${name}-large`), noise(7_000_000, name));
      await writeFile(from(`${name}-small`), noise(1_500_000, `${name} small`));
    }
    const first = await save();
    expect(isWasteful(first, first)).toBe(false);
    for (const name of "abc") await rm(from(`${name}-large`));
    const second = await save(first);
    expect(isWasteful(second, first)).toBe(true);
    expect(isWasteful(await save(), first)).toBe(false);
  });

  test("above the limit is rejected", async () => {
    await writeFile(from("large"), noise(2_000_000, "limit"));
    const saving = saveFolder(from(), undefined, packs, { ...options, limit: 1_000_000 });
    await expect(saving).rejects.toThrow("a cache mount has more than the 1000000 bytes");
  });
});

describe("a hostile state", () => {
  function stateOf(tar: Uint8Array): CacheState {
    const bytes = zstdCompressSync(tar);
    const id = "00000000-0000-4000-8000-000000000000";
    packs.all.set(id, bytes);
    const sha256 = createHash("sha256").update(tar).digest("hex");
    return { packs: [id], chunks: [[sha256, tar.length, 0, 0, bytes.length]] };
  }

  test.each([
    [
      "by a link",
      [member({ path: "a", type: "symlink", linkname: "../outside" }), member({ path: "a/f" }, "x")],
    ],
    [
      "by an absolute link",
      [member({ path: "a", type: "symlink", linkname: root }), member({ path: "a/pwned" }, "x")],
    ],
    ["by ..", [member({ path: "../outside/f" }, "x")]],
    ["by an absolute name", [member({ path: `${root}/pwned` }, "x")]],
    ["by a hard link", [member({ path: "h", type: "hardlink", linkname: "../outside/secret" })]],
  ])("does not lead out of the folder %s", async (_, members) => {
    await mkdir(join(folder, "outside"));
    await writeFile(join(folder, "outside/secret"), "theirs");
    await loadFolder(to(), stateOf(archive(...members)), packs, options).catch(() => {});
    expect(await readdir(join(folder, "outside"))).toEqual(["secret"]);
    expect((await lstat(join(folder, "outside/secret"))).nlink).toBe(1);
    await expect(lstat(join(root, "pwned"))).rejects.toThrow("ENOENT");
  });

  test("creates no devices", async () => {
    const device = member({ path: "d/sda", type: "block", device: { major: 8, minor: 0 } });
    const state = stateOf(
      archive(member({ path: "d", type: "dir", mode: 0o755 }), device, member({ path: "f" }, "x")),
    );
    await loadFolder(to(), state, packs, options);
    expect([await readdir(to("d")), await readdir(to())]).toEqual([[], ["d", "f"]]);
  });

  test("is rejected when a chunk is wrong or too large, or there are too many", async () => {
    const state = stateOf(archive(member({ path: "f" }, "x")));
    const [[sha256, size, pack, offset, length] = state.chunks[0] as never] = state.chunks;
    const other = "f".repeat(64);
    const load = (chunks: CacheState["chunks"]) => loadFolder(to(), { ...state, chunks }, packs, options);
    await expect(load([[other, size, pack, offset, length]])).rejects.toThrow(
      "the digest of a chunk does not match",
    );
    await expect(load([[sha256, 10, pack, offset, length]])).rejects.toThrow();
    const many = Array.from({ length: 60_000 }, () => [sha256, 2 ** 20, pack, offset, length] as const);
    await expect(load(many as unknown as CacheState["chunks"])).rejects.toThrow(
      /^a cache mount has \d+ bytes$/,
    );
  });
});
