import { gzipMember, zstdFrame } from "../compression/members.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Digester, sha256 } from "../streams/sha256.ts";
import type { ChunkIndex, ChunkPlace } from "./chunk-index.ts";
import { readSources } from "./sources.ts";
import { type ChunkSource, Spool } from "./spool.ts";
import type { Chunk, LayerCompression } from "./toc.ts";

const KEPT = 24 * 1024 * 1024;
/** Bytes of reused chunks that are read in one go. */
const REUSED_AT_ONCE = 16 * 1024 * 1024;

export interface ChunkWriterOptions {
  compression: LayerCompression;
  level: number;
  reuse?: ChunkIndex;
  spool: ObjectStore;
  kept?: number;
}

export interface WrittenChunks {
  /** Of the compressed bytes. */
  digest: string;
  size: number;
  sources: readonly ChunkSource[];
  list: readonly Chunk[];
  spoolKey: string | undefined;
  reusedBytes: number;
}

/** Compresses chunks, or finds them compressed, and hashes the result. */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #compress: (bytes: Uint8Array, level: number) => Uint8Array;
  readonly #spool: Spool;
  readonly #digest = new Digester();
  readonly #sources: ChunkSource[] = [];
  readonly #list: Chunk[] = [];
  #size = 0;
  #reusedBytes = 0;
  /** Reused chunks that are not in the digest yet. */
  #waiting: ChunkPlace[] = [];
  #waitingBytes = 0;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
    this.#compress = options.compression === "gzip" ? gzipMember : zstdFrame;
    this.#spool = new Spool(options.spool, options.kept ?? KEPT);
  }

  /** Reads the chunk only until it resolves. */
  async add(chunk: Uint8Array): Promise<void> {
    const hex = sha256(chunk).slice(7);
    const known = this.#options.reuse?.get(hex);
    if (known !== undefined) {
      this.#list.push([known.length, chunk.length, hex]);
      this.#size += known.length;
      this.#reusedBytes += known.length;
      this.#sources.push(known);
      this.#waiting.push(known);
      this.#waitingBytes += known.length;
      if (this.#waitingBytes >= REUSED_AT_ONCE) await this.#hashWaiting();
      return;
    }
    await this.#hashWaiting();
    const bytes = this.#compress(chunk, this.#options.level);
    this.#list.push([bytes.length, chunk.length, hex]);
    this.#size += bytes.length;
    this.#digest.update(bytes);
    this.#sources.push(await this.#spool.add(bytes));
  }

  async complete(): Promise<WrittenChunks> {
    await this.#hashWaiting();
    await this.#spool.complete();
    return {
      digest: this.#digest.digest(),
      size: this.#size,
      sources: this.#sources,
      list: this.#list,
      spoolKey: this.#spool.key,
      reusedBytes: this.#reusedBytes,
    };
  }

  async abort(): Promise<void> {
    await this.#spool.abort();
  }

  async #hashWaiting(): Promise<void> {
    if (this.#waiting.length === 0) return;
    for await (const bytes of readSources(this.#options.spool, this.#waiting)) this.#digest.update(bytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
