import { type Compression, DETECT_BYTES, detect } from "../compression/detect.ts";
import type { ObjectStore, ObjectWriter } from "../store/object-store.ts";
import { concat } from "../streams/concat.ts";
import { UnsupportedWorkError } from "./portions.ts";
import { readInParts } from "./sources.ts";
import { type ChunkPlace, spoolKey } from "./spool.ts";

/** An archive, compressed or not, that a client sends or has sent. */
export interface SentArchive {
  /** Can be read once. */
  bytes: AsyncIterable<Uint8Array>;
  /** The most bytes that it may have; undefined when unknown. */
  maxSize?: number | undefined;
  /** Where it is stored, if it is: it can be read again. */
  places?: readonly ChunkPlace[] | undefined;
}

/** Limits of what a client sends: decompressed bytes, and the highest ratio, which gzip can reach. */
export const SENT_LIMITS = { maxBytes: 64 * 2 ** 30, maxRatio: 1100 } as const;

/** Limits how much of the tar of an archive is read. */
export type TarLimit = (tar: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** How an archive is read. */
interface ArchiveReading<T> {
  /** Reads it in this invocation. Fails with the error that `limit` throws. */
  here(bytes: AsyncIterable<Uint8Array>, limit: TarLimit): Promise<T>;
  /**
   * Reads the stored archive in other invocations. Undefined where an invocation has no limit of CPU time.
   * @throws {UnsupportedWorkError}
   */
  elsewhere: ((places: readonly ChunkPlace[]) => Promise<T>) | undefined;
}

/** Most bytes of a tar that an invocation reads. */
export type MaxHere = (kind: Compression) => number;

const MIB = 1024 * 1024;
/** Bytes that need about four seconds. The decoders of bzip2 and xz need ten times as long as the others. */
const MAX_HERE: MaxHere = (kind) => (kind === "bzip2" || kind === "xz" ? 64 : 512) * MIB;

/** There is more to read than one invocation may. */
class TooLargeHereError extends Error {
  override name = "TooLargeHereError";
}

/**
 * Reads an archive here if it is small, or else elsewhere. One that expands to an unknown size is stored while it is read.
 * An uncompressed archive of unknown size is read here: no plan of Cloudflare accepts a body of more than 500 MB.
 */
export async function readArchive<T>(
  store: ObjectStore,
  { bytes, maxSize = 0, places }: SentArchive,
  { here, elsewhere }: ArchiveReading<T>,
  maxHere = MAX_HERE,
): Promise<T> {
  if (elsewhere === undefined) return here(bytes, unlimited);
  const { first, source } = await peek(bytes);
  const kind = detect(first);
  const max = maxHere(kind);
  if (kind === "none" && maxSize <= max) return here(source, unlimited);
  const limit: TarLimit = (tar) => upTo(tar, max);
  const kept = new KeptSource(store, source, places);
  try {
    if (places === undefined || maxSize <= max) {
      try {
        return await here(kept.read(), limit);
      } catch (error) {
        if (!(error instanceof TooLargeHereError)) throw error;
      }
    }
    const stored = await kept.complete();
    try {
      return await elsewhere(stored);
    } catch (error) {
      if (!(error instanceof UnsupportedWorkError)) throw error;
    }
    return await here(readInParts(store, stored), unlimited);
  } finally {
    await kept.drop();
  }
}

const unlimited: TarLimit = (tar) => tar;

async function* upTo(tar: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of tar) {
    size += bytes.length;
    if (size > max) throw new TooLargeHereError(`The archive has more than ${max} bytes`);
    yield bytes;
  }
}

/** The first bytes of a source, and all of it. */
async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; source: Source }> {
  const rest = bytes[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  for (let size = 0; size < DETECT_BYTES; ) {
    const { value, done } = await rest.next();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  const first = concat(parts);
  let isRead = first.length === 0;
  const source: Source = {
    [Symbol.asyncIterator]: () => source,
    async next() {
      if (isRead) return rest.next();
      isRead = true;
      return { value: first, done: false };
    },
    async return() {
      await rest.return?.();
      return { value: undefined, done: true };
    },
  };
  return { first, source };
}

/** A source that can end before all of it was read. */
interface Source extends AsyncIterableIterator<Uint8Array, undefined> {
  return(): Promise<IteratorResult<Uint8Array, undefined>>;
}

/** Bytes that can be read again, because they are stored or are being stored while they are read. */
class KeptSource {
  readonly #store: ObjectStore;
  readonly #source: Source;
  readonly #places: readonly ChunkPlace[] | undefined;
  readonly #key = spoolKey();
  #writer: ObjectWriter | undefined;
  #size = 0;
  #isComplete = false;

  constructor(store: ObjectStore, source: Source, places: readonly ChunkPlace[] | undefined) {
    this.#store = store;
    this.#source = source;
    this.#places = places;
  }

  /** The bytes, once. The source stays open when the reader stops early. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) {
      if (this.#places === undefined) await this.#write(next.value);
      yield next.value;
    }
  }

  /** Stores the rest. @returns where all bytes are */
  async complete(): Promise<readonly ChunkPlace[]> {
    if (this.#places !== undefined) return this.#places;
    for await (const _ of this.read());
    await this.#writer?.complete();
    this.#isComplete = true;
    return [{ key: this.#key, offset: 0, length: this.#size }];
  }

  /** Deletes what was stored here, and ends the source. */
  async drop(): Promise<void> {
    await this.#source.return();
    if (this.#isComplete) await this.#store.delete(this.#key);
    else await this.#writer?.abort();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#writer ??= await this.#store.create(this.#key);
    await this.#writer.write(bytes);
    this.#size += bytes.length;
  }
}
