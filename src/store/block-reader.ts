import { inflateMember } from "../compression/members.ts";
import type { Block, BlockKind } from "./blocks.ts";
import type { ObjectStore } from "./object-store.ts";
import { Recent } from "./recent.ts";

/** Decompresses a block like `inflateMember`, outside the caller's thread. */
export type InflateBlock = (bytes: Uint8Array, kind: BlockKind, expectedSize: number) => Promise<Uint8Array>;

/** Approximate compressed bytes of one get. */
const RUN = 2 * 1024 * 1024;
/** Default limits in bytes, for fetched blocks and for decompressed blocks. */
const DEFAULT_AHEAD = 4 * 1024 * 1024;
const DEFAULT_KEPT = 4 * 1024 * 1024;
/** Maximum memory of a reader in bytes. The last get may exceed the limit for fetched blocks. */
export const READER_MEMORY = DEFAULT_AHEAD + RUN + DEFAULT_KEPT;
const GETS_AT_ONCE = 4;

export interface BlockReaderOptions {
  /** Limit for fetched blocks in bytes: compressed, or decompressed with `inflate`. Default 4 MiB. */
  ahead?: number;
  /** Limit for decompressed blocks in bytes. Default 4 MiB. */
  kept?: number;
  /** Decompresses blocks when they arrive. By default they are decompressed when they are read. */
  inflate?: InflateBlock;
}

/** Adjacent blocks that one get fetches. They share one buffer, so they are dropped together. */
interface Run {
  /** Compressed, or decompressed with `inflate`. */
  readonly parts: Map<Block, Promise<Uint8Array> | Uint8Array>;
  /** Bytes in memory. */
  readonly weight: number;
  isHere: boolean;
  /** Blocks that are announced or awaited. */
  readonly unread: Set<Block>;
}

/** Dropped runs of readers that fetch blocks again, in memory that is free. */
const spare = new Recent<Run>();

/**
 * Reads blocks of objects. Adjacent blocks that were announced with `prefetch` are fetched with one get, and several gets run
 * ahead of the reads. The last decompressed blocks are cached for further files in them. Fetched blocks stay until others need
 * their memory, because files may be read in another order than they are stored. A reader that fetches a block again also
 * uses memory of the isolate that is free.
 */
export class BlockReader {
  readonly #store: ObjectStore;
  readonly #ahead: number;
  readonly #kept: number;
  readonly #inflateEarly: InflateBlock | undefined;
  /** Announced but not requested, in the order of the reads. */
  readonly #queue = new Set<Block>();
  readonly #fetched = new Map<Block, Run>();
  /** The least recently used first. */
  readonly #runs = new Set<Run>();
  #fetchedBytes = 0;
  /** The first block of the last run with each block that was fetched. */
  readonly #seen = new Map<Block, Block>();
  #fetchesAgain = false;
  #gets = 0;
  #pumpIsDue = false;
  /** The least recently used first. */
  readonly #inflated = new Map<Block, Uint8Array>();
  #inflatedBytes = 0;
  /** The last block that was fetched without an announcement. */
  #demanded: Block | undefined;

  constructor(
    store: ObjectStore,
    { ahead = DEFAULT_AHEAD, kept = DEFAULT_KEPT, inflate }: BlockReaderOptions = {},
  ) {
    this.#store = store;
    this.#ahead = ahead;
    this.#kept = kept;
    this.#inflateEarly = inflate;
  }

  /** Announces that a block will be read soon. */
  prefetch(block: Block): void {
    if (this.#queue.has(block) || this.#inflated.has(block)) return;
    const fetched = this.#fetched.get(block);
    if (fetched !== undefined) {
      fetched.unread.add(block);
      return;
    }
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
    const fetched = this.#fetched.get(block)?.parts.get(block);
    if (fetched instanceof Uint8Array) return this.#inflate(block, fetched);
    return this.#readLater(block);
  }

  async #readLater(block: Block): Promise<Uint8Array> {
    if (!this.#fetched.has(block)) this.#fetchNow(block);
    const bytes = await this.#fetched.get(block)?.parts.get(block);
    // Another read of the same block may have been faster.
    const inflated = this.#inflated.get(block);
    if (inflated !== undefined) return inflated;
    return this.#inflate(block, bytes ?? (await this.#received(block, await this.#get(block))));
  }

  /** The form in which `#fetched` keeps a block. */
  #received({ kind, size }: Block, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#inflateEarly?.(bytes, kind, size) ?? bytes;
  }

  /** Bytes in memory of a fetched block. */
  #weight({ length, size }: Block): number {
    return this.#inflateEarly ? size : length;
  }

  /** Adds a fetched block to the decompressed ones. */
  #inflate(block: Block, bytes: Uint8Array): Uint8Array {
    const data = this.#inflateEarly ? bytes : inflateMember(bytes, block.kind, block.size);
    const run = this.#fetched.get(block);
    if (run !== undefined) {
      run.unread.delete(block);
      this.#runs.delete(run);
      this.#runs.add(run);
    }
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

  /** Fetches a requested block with its announced neighbours, or with more neighbours for sequential reads. */
  #fetchNow(block: Block): void {
    if (this.#restore(block)) return;
    const run = [block];
    const readsOn = this.#demanded?.next === block;
    extend(run, (next) => {
      if (this.#fetched.has(next) || this.#inflated.has(next)) return false;
      return readsOn || this.#queue.has(next);
    });
    this.#demanded = run.at(-1);
    this.#makeRoomNow();
    this.#fetch(run);
  }

  #makeRoomNow(): void {
    this.#makeRoom();
    // Blocks that were fetched ahead may belong to a read that has stopped.
    this.#makeRoom(true);
  }

  /** Drops runs until another one fits, or no more can be dropped. */
  #makeRoom(evenUnread = false): void {
    for (const run of this.#runs) {
      if (this.#fetchedBytes <= this.#ahead) return;
      if (!run.isHere || (!evenUnread && run.unread.size > 0)) continue;
      this.#drop(run);
      const [first] = run.parts.keys();
      if (!this.#fetchesAgain || first === undefined) continue;
      spare.set(this.#store, spareKey(first), run, { size: run.weight, memory: run.weight });
    }
  }

  /** Takes the run of an earlier block from spare memory, if it is still there. */
  #restore(block: Block): boolean {
    const first = this.#seen.get(block);
    if (first === undefined) return false;
    this.#fetchesAgain = true;
    const run = spare.get(this.#store, spareKey(first))?.value;
    // Blocks of another reader of the object are not the same.
    if (!run?.parts.has(block)) return false;
    this.#makeRoomNow();
    this.#hold(run);
    run.unread.add(block);
    return true;
  }

  #pump(): void {
    for (const first of this.#queue) {
      if (this.#gets >= GETS_AT_ONCE) return;
      this.#makeRoom();
      if (this.#fetchedBytes > this.#ahead) return;
      if (this.#restore(first)) continue;
      const run = [first];
      extend(run, (next) => this.#queue.has(next));
      this.#fetch(run);
    }
  }

  #fetch(blocks: readonly Block[]): void {
    const first = blocks[0] as Block;
    let length = 0;
    let weight = 0;
    for (const block of blocks) {
      length += block.length;
      weight += this.#weight(block);
    }
    const bytes = this.#get(first, length);
    const run: Run = { parts: new Map(), weight, isHere: false, unread: new Set(blocks) };
    const parts = blocks.map(async (block) => {
      const start = block.offset - first.offset;
      const part = bytes.then((all) => this.#received(block, all.subarray(start, start + block.length)));
      run.parts.set(block, part);
      this.#seen.set(block, first);
      run.parts.set(block, await part);
    });
    this.#hold(run);
    this.#gets++;
    Promise.all(parts).then(
      () => {
        run.isHere = true;
      },
      // The readers of the blocks receive the error; the next reader tries again.
      () => this.#drop(run),
    );
    const done = () => {
      this.#gets--;
      this.#pump();
    };
    bytes.then(done, done);
  }

  #hold(run: Run): void {
    // A run in the spare memory may be held, too.
    if (!this.#runs.has(run)) this.#fetchedBytes += run.weight;
    this.#runs.add(run);
    for (const block of run.parts.keys()) {
      if (this.#queue.delete(block)) run.unread.add(block);
      this.#fetched.set(block, run);
    }
  }

  #drop(run: Run): void {
    this.#runs.delete(run);
    this.#fetchedBytes -= run.weight;
    for (const block of run.parts.keys()) if (this.#fetched.get(block) === run) this.#fetched.delete(block);
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

function spareKey({ key, offset }: Block): string {
  return `${key} ${offset}`;
}
