import { decompress } from "../compression/decompress.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { readTar } from "../tar/read.ts";
import type { Context } from "./context.ts";
import { listingDigest } from "./listing.ts";
import { packReader } from "./pack-reader.ts";
import { type KnownPacks, PackWriter } from "./pack-writer.ts";

export interface IngestLimits {
  /** Entries, implied directories included. Default 500,000. */
  maxEntries?: number;
  /** Bytes of the archive once decompressed, and of all files. Default 16 GiB. */
  maxBytes?: number;
  /** Bytes out per byte in of the compression, from 1 MiB on. Default any. */
  maxRatio?: number;
}

export interface IngestOptions {
  store: ObjectStore;
  limits?: IngestLimits;
  /** Files that are stored already, as `knownFiles` of an earlier context gives them. */
  base?: KnownPacks;
  /** Told now and then what came so far. */
  onProgress?: (progress: IngestProgress) => void;
}

export interface IngestProgress {
  entries: number;
  /** Bytes of files. */
  bytes: number;
}

/** Entries between two calls of `onProgress`. */
const PROGRESS = 512;

/**
 * Turns an archive, compressed or not, into a context: entries in memory, contents in packs in the store. A later
 * entry of a name replaces an earlier one, as when unpacking. Nothing refers to the packs before `saveContext`.
 * Throws `TarError`, `CompressionError` or `EntryError`, which name the entry.
 */
export async function ingestTar(source: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<Context> {
  const { store, base, limits = {}, onProgress } = options;
  const { maxEntries = 500_000, maxBytes = 16 * 2 ** 30, maxRatio } = limits;
  const { body } = await decompress(source, { maxBytes, ...(maxRatio !== undefined && { maxRatio }) });
  const builder = new TableBuilder({ most: maxEntries });
  const writer = new PackWriter(store, base);
  const progress: IngestProgress = { entries: 0, bytes: 0 };
  for await (const { entry, body: contents, bytes } of readTar(body, { maxEntries, maxBytes })) {
    if (entry.type === "file") {
      const packed = bytes === undefined ? await writer.add(contents, entry.size) : writer.addBytes(bytes);
      await writer.drain();
      builder.add({ ...entry, digest: packed.digest }, packed.place);
      progress.bytes += entry.size;
    } else {
      builder.add(entry);
    }
    if (++progress.entries % PROGRESS === 0) onProgress?.({ ...progress });
  }
  await writer.flush();
  onProgress?.(progress);
  const tree = builder.finish(packReader(store, writer.packs));
  return { digest: listingDigest(tree), tree, packs: writer.packs };
}
