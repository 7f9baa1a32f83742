import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DirectoryAttributes } from "./directory-attributes.ts";

/** What is written beside a layer. */
export interface LayerRecord {
  bytes: number;
  /** Directories that the layer needs and says nothing about, parents first. */
  implied: string[];
  root?: DirectoryAttributes;
}

/** Its name in the folder of a layer, which is whole only with it. */
export const RECORD = "layer.json";

export async function writeRecord(folder: string, record: LayerRecord): Promise<void> {
  await writeFile(join(folder, RECORD), JSON.stringify(record));
}

/** The record, and when it was last used; undefined for what is no whole layer. */
export async function readRecord(folder: string): Promise<(LayerRecord & { usedAt: number }) | undefined> {
  if (/^(?:new|old)-/.test(basename(folder))) return undefined;
  try {
    const path = join(folder, RECORD);
    const record = JSON.parse(await readFile(path, "utf8")) as LayerRecord;
    const { mtimeMs } = await stat(path);
    return { ...record, usedAt: mtimeMs };
  } catch {
    return undefined;
  }
}
