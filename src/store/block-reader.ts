import { inflateMember } from "../compression/members.ts";
import type { Block, BlockKind } from "./blocks.ts";
import type { ObjectStore } from "./object-store.ts";

/** Decompresses a block like `inflateMember`, outside the caller's thread. */
export type InflateBlock = (bytes: Uint8Array, kind: BlockKind, expectedSize: number) => Promise<Uint8Array>;

/** Approximate compressed bytes of one get. */
const RUN = 2 * 1024 * 1024;
const GETS_AT_ONCE = 4;

export interface BlockReaderOptions {
  /** Bytes of blocks that are fetched ahead: compressed, or decompressed with `inflate`. Default 8 MiB. */
  ahead?: number;
  /** Bytes of decompressed blocks that are kept. Default 8 MiB. */
  kept?: number;
  /** Decompresses blocks when they arrive. By default they are decompressed when they are read. */
  inflate?: InflateBlock;
}

/**
 * Reads blocks of objects. Adjacent blocks that were announced with `prefetch` are fetched with one get, several gets run
 * ahead of the reads, and the last decompressed blocks are cached for further files in them.
 */
export class BlockReader {
  readonly #store: ObjectStore;
  readonly #ahead: number;
  readonly #kept: number;
  readonly #inflateEarly: InflateBlock | undefined;
  /** Announced but not requested, in the order of the reads. */
  readonly #queue = new Set<Block>();
  /** Blocks or their pending requests: compressed, or decompressed with `inflate`. */
  readonly #fetched = new Map<Block, Promise<Uint8Array> | Uint8Array>();
  #fetchedBytes = 0;
  #gets = 0;
  #pumpIsDue = false;
  /** The least recently used first. */
  readonly #inflated = new Map<Block, Uint8Array>();
  #inflatedBytes = 0;
  /** The last block that was fetched without an announcement. */
  #demanded: Block | undefined;

  constructor(
    store: ObjectStore,
    { ahead = 8 * 1024 * 1024, kept = 8 * 1024 * 1024, inflate }: BlockReaderOptions = {},
  ) {
    this.#store = store;
    this.#ahead = ahead;
    this.#kept = kept;
    this.#inflateEarly = inflate;
  }

  /** Says that a block will be read soon. */
  prefetch(block: Block): void {
    if (this.#queue.has(block) || this.#fetched.has(block) || this.#inflated.has(block)) return;
    this.#queue.add(block);
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    // After the whole batch was announced, so that neighbours are fetched together.
    queueMicrotask(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  /** The data of a block, without a promise when it is cached. Callers must not change it. */
  read(block: Block): Uint8Array | Promise<Uint8Array> {
    const inflated = this.#inflated.get(block);
    if (inflated !== undefined) {
      this.#inflated.delete(block);
      this.#inflated.set(block, inflated);
      return inflated;
    }
    const fetched = this.#fetched.get(block);
    if (fetched instanceof Uint8Array) return this.#inflate(block, fetched);
    return this.#readLater(block);
  }

  async #readLater(block: Block): Promise<Uint8Array> {
    if (!this.#fetched.has(block)) this.#fetchNow(block);
    const bytes = await this.#fetched.get(block);
    // Another read of the same block may have been faster.
    const inflated = this.#inflated.get(block);
    if (inflated !== undefined) return inflated;
    return this.#inflate(block, bytes ?? (await this.#received(block, await this.#get(block))));
  }

  /** What `#fetched` keeps of a block. */
  #received({ kind, size }: Block, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#inflateEarly?.(bytes, kind, size) ?? bytes;
  }

  /** Bytes in memory of a fetched block. */
  #weight({ length, size }: Block): number {
    return this.#inflateEarly ? size : length;
  }

  /** Moves a fetched block to the decompressed ones. */
  #inflate(block: Block, bytes: Uint8Array): Uint8Array {
    const data = this.#inflateEarly ? bytes : inflateMember(bytes, block.kind, block.size);
    this.#drop(block);
    this.#inflated.set(block, data);
    this.#inflatedBytes += data.length;
    for (const [oldest, { length }] of this.#inflated) {
      if (this.#inflatedBytes <= this.#kept || oldest === block) break;
      this.#inflated.delete(oldest);
      this.#inflatedBytes -= length;
    }
    this.#pump();
    return data;
  }

  /** Fetches a block that a reader waits for, with its announced neighbours, or more of them for a sequential reader. */
  #fetchNow(block: Block): void {
    const run = [block];
    const readsOn = this.#demanded?.next === block;
    extend(run, (next) => {
      if (this.#fetched.has(next) || this.#inflated.has(next)) return false;
      return readsOn || this.#queue.has(next);
    });
    this.#demanded = run.at(-1);
    // Blocks that were fetched ahead for a reader that stopped.
    for (const [oldest, bytes] of this.#fetched) {
      if (this.#fetchedBytes <= this.#ahead) break;
      if (bytes instanceof Uint8Array) this.#drop(oldest);
    }
    this.#fetch(run);
  }

  #pump(): void {
    for (const first of this.#queue) {
      if (this.#gets >= GETS_AT_ONCE || this.#fetchedBytes >= this.#ahead) return;
      const run = [first];
      extend(run, (next) => this.#queue.has(next));
      this.#fetch(run);
    }
  }

  #fetch(run: readonly Block[]): void {
    const first = run[0] as Block;
    let length = 0;
    for (const block of run) length += block.length;
    const bytes = this.#get(first, length);
    this.#gets++;
    for (const block of run) {
      this.#queue.delete(block);
      const start = block.offset - first.offset;
      const part = bytes.then((all) => this.#received(block, all.subarray(start, start + block.length)));
      this.#fetched.set(block, part);
      this.#fetchedBytes += this.#weight(block);
      part.then(
        (here) => {
          if (this.#fetched.get(block) === part) this.#fetched.set(block, here);
        },
        // The reader of the block receives the error; the next reader tries again.
        () => {
          if (this.#fetched.get(block) === part) this.#drop(block);
        },
      );
    }
    const done = () => {
      this.#gets--;
      this.#pump();
    };
    bytes.then(done, done);
  }

  #drop(block: Block): void {
    if (this.#fetched.delete(block)) this.#fetchedBytes -= this.#weight(block);
  }

  async #get({ key, offset, ...block }: Block, length = block.length): Promise<Uint8Array> {
    const bytes = await this.#store.getBytes(key, { offset, length });
    if (bytes === undefined) throw new Error(`Cannot read "${key}": it no longer exists`);
    if (bytes.length !== length) {
      throw new Error(
        `Cannot read ${length} bytes of "${key}" from byte ${offset}: received ${bytes.length}`,
      );
    }
    return bytes;
  }
}

/** Appends following blocks while they are wanted and the run is short enough. */
function extend(run: Block[], isWanted: (block: Block) => boolean): void {
  let length = run[0]?.length ?? 0;
  for (let next = run[0]?.next; next !== undefined && isWanted(next); next = next.next) {
    length += next.length;
    if (length > RUN) return;
    run.push(next);
  }
}
