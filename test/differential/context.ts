import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, link, lutimes, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { fileTime } from "../../src/runner/files/file-time.ts";
import type { Member } from "./archive/member.ts";
import { writeTar } from "./archive/write.ts";
import { bindsLowPorts } from "./bases/image.ts";
import { type Addresses, type Case, type Compression, type ContextEntry, fill } from "./case.ts";

const compress: Record<Compression, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  bzip2: (bytes) => execFileSync("bzip2", ["-c"], { input: bytes }),
  xz: (bytes) => execFileSync("xz", ["-c"], { input: bytes }),
};

function memberOf(path: string, entry: ContextEntry, addresses: Addresses): Member {
  const owner = { path, uid: 0, gid: 0 };
  if (typeof entry === "string") return memberOf(path, { content: entry }, addresses);
  if ("symlink" in entry) return { ...owner, type: "symlink", mode: 0o777, link: entry.symlink };
  if ("hardlink" in entry) return { ...owner, type: "hardlink", mode: 0o644, link: entry.hardlink };
  if ("dir" in entry) return { ...owner, type: "dir", mode: entry.mode ?? 0o755 };
  if ("fifo" in entry) return { ...owner, type: "fifo", mode: entry.mode ?? 0o644 };
  if ("tar" in entry) {
    const plain = writeTar(entry.tar);
    const content = entry.compression === undefined ? plain : compress[entry.compression](plain);
    return { ...owner, type: "file", mode: 0o644, content };
  }
  const { content } = entry;
  return {
    ...owner,
    type: "file",
    mode: entry.mode ?? 0o644,
    content: typeof content === "string" ? new TextEncoder().encode(fill(content, addresses)) : content,
    ...(entry.bindsLowPorts ? { xattrs: bindsLowPorts } : {}),
    ...(entry.mtime === undefined ? {} : { mtime: entry.mtime }),
  };
}

/** The context of a case with its Dockerfile. Every folder has an entry, before its contents. */
export function contextMembers(testCase: Case, addresses: Addresses): Member[] {
  const members = new Map<string, Member>();
  const entries = { ...testCase.context, [testCase.dockerfilePath ?? "Dockerfile"]: testCase.dockerfile };
  for (const [path, entry] of Object.entries(entries)) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      const parent = path.slice(0, at);
      if (!members.has(parent)) members.set(parent, memberOf(parent, { dir: true }, addresses));
    }
    members.set(path, memberOf(path, entry, addresses));
  }
  // A hard link comes after the file that it names.
  const rank = (member: Member) => (member.type === "hardlink" ? 1 : 0);
  // All names of a file have one time.
  const timed = [...members.values()].map((member) => {
    const file = member.type === "hardlink" ? members.get(member.link ?? "") : undefined;
    return { ...member, mtime: (file ?? member).mtime ?? timeOf(file ?? member) };
  });
  return timed.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

/**
 * A time that depends on everything in a member, in seconds since 1970, between 2001 and 2016: BuildKit assumes that
 * files of equal names, sizes and times are equal.
 */
function timeOf({ content = new Uint8Array(), ...member }: Member): number {
  const hash = createHash("sha256").update(JSON.stringify(member)).update(content).digest();
  return 1_000_000_000 + (hash.readUInt32BE() % 500_000_000);
}

/**
 * The context as a tar, whose entries have the owner of the user who packed it. Builders must not copy that owner into
 * the image.
 */
export function contextTar(testCase: Case, addresses: Addresses): Uint8Array {
  const members = contextMembers(testCase, addresses);
  return writeTar(members.map((member) => ({ ...member, uid: 1000, gid: 1000 })));
}

/** Puts the context into a folder of the file system. Needs root for capabilities. */
export async function writeContext(testCase: Case, addresses: Addresses, folder: string): Promise<void> {
  const dirs: Member[] = [];
  const members = contextMembers(testCase, addresses);
  for (const member of members) {
    const path = join(folder, member.path);
    if (member.type === "dir") {
      await mkdir(path, { recursive: true });
      dirs.push(member);
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    if (member.type === "symlink") await symlink(member.link ?? "", path);
    else if (member.type === "hardlink") await link(join(folder, member.link ?? ""), path);
    else if (member.type === "fifo") execFileSync("mkfifo", [path]);
    else await writeFile(path, member.content ?? "");
    if (member.type === "file" || member.type === "fifo") await chmod(path, member.mode);
    if (member.xattrs !== undefined) execFileSync("setcap", ["cap_net_bind_service=ep", path]);
  }
  // Last, so that a folder without write permission can still be filled.
  for (const member of dirs) await chmod(join(folder, member.path), member.mode);
  for (const { path, type, mtime = 0 } of members)
    if (type !== "hardlink") await lutimes(join(folder, path), fileTime(mtime), fileTime(mtime));
}
