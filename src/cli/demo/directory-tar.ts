import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Entry } from "../../tar/entry.ts";
import { encodeMember, endOfArchive, padding } from "../../tar/write.ts";

/** A folder of this machine and its path in the archive. */
interface TarSource {
  folder: string;
  at?: string;
}

/** Files of folders as a tar, read while it is consumed. Sockets and devices are left out. */
export async function* tarOf(sources: readonly TarSource[]): AsyncGenerator<Uint8Array> {
  for (const { folder, at = "" } of sources) yield* members(folder, at);
  yield endOfArchive;
}

async function* members(file: string, path: string): AsyncGenerator<Uint8Array> {
  const info = await lstat(file);
  const { uid, gid } = info;
  const entry = { path, mode: info.mode & 0o7777, uid, gid, mtime: Math.floor(info.mtimeMs / 1000), size: 0 };
  if (info.isDirectory()) {
    if (path !== "") yield encodeMember({ ...entry, type: "dir" } satisfies Entry);
    for (const name of (await readdir(file)).sort())
      yield* members(join(file, name), path === "" ? name : `${path}/${name}`);
  } else if (info.isSymbolicLink()) {
    yield encodeMember({ ...entry, type: "symlink", linkname: await readlink(file) });
  } else if (info.isFile()) {
    yield encodeMember({ ...entry, type: "file", size: info.size });
    if (info.size === 0) return;
    for await (const chunk of createReadStream(file, { end: info.size - 1 })) yield chunk as Uint8Array;
    yield padding(info.size);
  }
}
