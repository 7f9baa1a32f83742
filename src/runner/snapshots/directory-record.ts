import { randomUUID } from "node:crypto";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DirectoryAttributes } from "./directory-attributes.ts";
import type { TreeIndex } from "./tree-index.ts";

type StoredRecord = DirectoryRecord & { version: number };

/** The file beside a directory of the store that describes it. */
export interface DirectoryRecord {
  bytes: number;
  /** Directories that a layer needs but does not contain, parents first. */
  implied: string[];
  /** Of the root directory; absent when the layer does not contain it. */
  root?: DirectoryAttributes;
  index: TreeIndex;
  /**
   * Of the upper directory that a RUN left: paths where something was mounted. Its layer has to be computed by
   * comparison with what is below it; other directories are layers as they are.
   */
  mounted?: string[];
  /** Of the upper directory that a RUN left: names of the directories below it, the lowest first. */
  below?: string[];
  /** Of a snapshot that was written as a layer: the name of the layer's directory. */
  layer?: string;
  /**
   * Digests of the blobs that were unpacked into the directory, or written from it. A manifest can name a blob together
   * with the diffID of any other layer.
   */
  blobs?: string[];
}

/** Its file name. A directory without it is incomplete. */
export const RECORD = "layer.json";
/** Raised when records change: directories with others are removed. */
const VERSION = 2;

export async function writeRecord(folder: string, record: DirectoryRecord): Promise<void> {
  const path = join(folder, RECORD);
  // Several jobs may verify blobs of one layer at the same time.
  const fresh = `${path}.${randomUUID()}.new`;
  await writeFile(fresh, JSON.stringify({ version: VERSION, ...record }));
  await rename(fresh, path);
}

/** The record, and when it was last used; undefined for an incomplete directory. */
export async function readRecord(
  folder: string,
): Promise<(DirectoryRecord & { usedAt: number }) | undefined> {
  if (/^(?:new|old)-/.test(basename(folder))) return undefined;
  try {
    const path = join(folder, RECORD);
    const { version, ...record } = JSON.parse(await readFile(path, "utf8")) as StoredRecord;
    if (version !== VERSION) return undefined;
    const { mtimeMs } = await stat(path);
    return { ...record, usedAt: mtimeMs };
  } catch {
    return undefined;
  }
}
