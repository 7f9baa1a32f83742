import { decompress } from "../compression/decompress.ts";
import { MAX_DOCKERFILE } from "../dockerfile/parse.ts";
import { nameOf } from "../rootfs/path-parts.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { collect } from "../streams/collect.ts";
import { isolateMemory, type Reservation } from "../streams/memory-budget.ts";
import { spend } from "../streams/turns.ts";
import type { Entry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import type { ArchiveSelector } from "./archive-selector.ts";
import type { Context } from "./context.ts";
import { ContextBuilder } from "./context-builder.ts";
import type { KnownPacks } from "./known-packs.ts";

export interface IngestLimits {
  /** Maximum number of entries, including implied directories. Default 500,000. */
  maxEntries?: number;
  /** Maximum size in bytes of the decompressed archive, and of all files. Default 16 GiB. */
  maxBytes?: number;
  /** Highest compression ratio, checked after 1 MiB. Unlimited by default. */
  maxRatio?: number;
}

interface IngestOptions {
  store: ObjectStore;
  limits?: IngestLimits;
  /** Files that are already stored, from `knownPacks` of earlier contexts. The call takes ownership. */
  base?: KnownPacks;
  /** Decides which files to store; by default all. A file that is not stored has no digest. */
  selector?: ArchiveSelector;
  /** Passes the tar on. */
  limit?: (tar: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** For packs. By default the isolate lends it. */
  memory?: Reservation;
  /** Called from time to time. */
  onProgress?: (progress: IngestProgress) => void;
}

interface IngestProgress {
  entries: number;
  /** Bytes of files. */
  bytes: number;
}

/** Entries between two calls of `onProgress`. */
const PROGRESS = 512;

/**
 * Turns an archive, compressed or not, into a context: entries in memory, contents in packs in the store. See
 * `ContextBuilder`.
 * @throws {TarError | CompressionError | EntryError} that name the entry
 */
export async function ingestTar(source: AsyncIterable<Uint8Array>, options: IngestOptions): Promise<Context> {
  const { store, base, selector, limits = {}, limit = (tar) => tar, onProgress } = options;
  const { maxEntries = 500_000, maxBytes = 16 * 2 ** 30, maxRatio } = limits;
  const { body } = await decompress(source, { maxBytes, ...(maxRatio !== undefined && { maxRatio }) });
  using lent = isolateMemory.lend();
  const builder = new ContextBuilder(store, { memory: options.memory ?? lent, base, maxEntries });
  const progress: IngestProgress = { entries: 0, bytes: 0 };
  let work = 0;
  let held: { entry: Entry; text: Uint8Array } | undefined;
  for await (const { entry, body: contents, bytes } of readTar(limit(body), {
    maxEntries,
    maxBytes,
    escapes: "refuse",
  })) {
    if (entry.type === "symlink") await selector?.addLink(entry.path, entry.linkname ?? "");
    if (held !== undefined && mayLinkTo(entry, held.entry)) {
      builder.add(held.entry, await builder.store(held.text));
      held = undefined;
    }
    if (entry.type !== "file") builder.add(entry);
    else if (selector?.reads(entry.path) && entry.size <= MAX_DOCKERFILE) {
      const text = bytes ?? (await collect(contents, MAX_DOCKERFILE));
      await selector.read(entry.path, text);
      if (selector.isHeld(entry.path)) held = { entry, text };
      else builder.add(entry, await builder.store(text));
    } else if (selector === undefined || (await selector.stores(entry.path, entry.size))) {
      builder.add(entry, await builder.store(bytes ?? contents));
    } else {
      builder.add(entry);
    }
    const turn = spend(builder.work - work);
    work = builder.work;
    if (turn !== undefined) await turn;
    progress.bytes += entry.size;
    if (++progress.entries % PROGRESS === 0) onProgress?.({ ...progress });
  }
  if (held !== undefined) {
    const { entry, text } = held;
    builder.add(entry, (await selector?.keeps(entry.path)) ? await builder.store(text) : undefined);
  }
  onProgress?.(progress);
  return await builder.finish();
}

/** Whether an entry may be another name of a file, whose path may lead through symbolic links. */
function mayLinkTo({ type, linkname = "" }: Entry, { path }: Entry): boolean {
  return type === "hardlink" && nameOf(linkname) === nameOf(path);
}
