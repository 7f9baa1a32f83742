import { COMPRESS_COST, gzipMember, zstdFrame } from "../compression/members.ts";
import type { HashedWriter } from "../store/object-store.ts";
import { Digester, sha256Hex } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import type { ChunkIndex } from "./chunk-index.ts";
import { readSources } from "./sources.ts";
import { type ChunkPlace, type ChunkSource, type Keep, keepUpTo, Spool, type SpoolStore } from "./spool.ts";
import type { Chunk, LayerCompression } from "./toc.ts";

const KEPT = 24 * 1024 * 1024;
/** Bytes of reused chunks whose places are collected, so that adjacent ones are read together. */
const REUSED_AT_ONCE = 16 * 1024 * 1024;

/** Bytes of a buffer for a chunk: most are smaller. */
const BUFFER = 1024 * 1024;

export interface ChunkWriterOptions {
  compression: LayerCompression;
  /** Compression level: 1 to 9 for gzip, 1 to 19 for zstd. */
  level: number;
  /** Chunks that need not be compressed again. */
  reuse?: ChunkIndex;
  /** Reads reused chunks, and stores compressed chunks that do not fit in memory. */
  spool: SpoolStore;
  /** Receives all bytes of the blob, so that no second pass is needed, and hashes them. */
  blob?: HashedWriter | undefined;
  /** Whether so many more bytes of compressed chunks may stay in memory. By default 24 MiB may. */
  keep?: Keep;
  /** Compresses one chunk. By default `gzipMember` or `zstdFrame`. */
  compress?: (bytes: Uint8Array, level: number) => Uint8Array | Promise<Uint8Array>;
  /** Maximum number of chunks compressed concurrently. Default 1. */
  pending?: number;
}

interface WrittenChunks {
  /** Digest of the compressed bytes. */
  digest: string;
  size: number;
  /** Of all bytes; none with `blob`. */
  sources: readonly ChunkSource[];
  list: readonly Chunk[];
  spoolKey: string | undefined;
  reusedBytes: number;
}

/** Compresses chunks, reuses already compressed ones, and hashes the result. */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #compress: (bytes: Uint8Array, level: number) => Uint8Array | Promise<Uint8Array>;
  readonly #spool: Spool;
  readonly #digest = new Digester();
  readonly #sources: ChunkSource[] = [];
  readonly #list: Chunk[] = [];
  /** Chunks being compressed, in order. */
  readonly #pending: { size: number; hex: string; bytes: Promise<Uint8Array> }[] = [];
  /** Buffers for their copies. Memory that is used once costs garbage collections. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #reusedBytes = 0;
  /** Reused chunks that are not read yet. */
  #reused: ChunkPlace[] = [];
  #reusedWaiting = 0;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
    this.#compress = options.compress ?? (options.compression === "gzip" ? gzipMember : zstdFrame);
    this.#spool = new Spool(options.spool, options.keep ?? keepUpTo(KEPT));
  }

  /** The chunk may be reused by the caller once this resolves. */
  async add(chunk: Uint8Array): Promise<void> {
    const hex = sha256Hex(chunk);
    const known = this.#options.reuse?.get(hex);
    if (known !== undefined) return this.#addReused(known, chunk.length, hex);
    const { level, pending = 1 } = this.#options;
    const size = chunk.length;
    const turn = spend(COMPRESS_COST * size);
    if (turn !== undefined) await turn;
    if (pending === 1) return this.#addCompressed(await this.#compress(chunk, level), size, hex);
    // Copy, because the caller reuses its buffer.
    const buffer = this.#bufferFor(size);
    buffer.set(chunk);
    const bytes = Promise.resolve(this.#compress(buffer.subarray(0, size), level));
    bytes.then(
      () => this.#free.push(buffer),
      // The rejection is handled where the chunk is awaited.
      () => {},
    );
    this.#pending.push({ size, hex, bytes });
    if (this.#pending.length >= pending) await this.#finishOldest();
  }

  async complete(): Promise<WrittenChunks> {
    while (this.#pending.length > 0) await this.#finishOldest();
    await this.#readReused();
    await this.#spool.complete();
    const { blob } = this.#options;
    return {
      digest: blob === undefined ? this.#digest.digest() : `sha256:${blob.digest()}`,
      size: this.#size,
      sources: this.#sources,
      list: this.#list,
      spoolKey: this.#spool.key,
      reusedBytes: this.#reusedBytes,
    };
  }

  async abort(): Promise<void> {
    await this.#spool.abort();
    await this.#options.blob?.abort();
  }

  async #addReused(known: ChunkPlace, size: number, hex: string): Promise<void> {
    while (this.#pending.length > 0) await this.#finishOldest();
    this.#list.push([known.length, size, hex]);
    this.#size += known.length;
    this.#reusedBytes += known.length;
    if (this.#options.blob === undefined) this.#sources.push(known);
    this.#reused.push(known);
    this.#reusedWaiting += known.length;
    if (this.#reusedWaiting >= REUSED_AT_ONCE) await this.#readReused();
  }

  #bufferFor(size: number): Uint8Array<ArrayBuffer> {
    const free = this.#free.pop();
    return free !== undefined && free.length >= size ? free : new Uint8Array(Math.max(size, BUFFER));
  }

  async #finishOldest(): Promise<void> {
    const oldest = this.#pending.shift();
    if (oldest !== undefined) await this.#addCompressed(await oldest.bytes, oldest.size, oldest.hex);
  }

  async #addCompressed(bytes: Uint8Array, size: number, hex: string): Promise<void> {
    await this.#readReused();
    this.#list.push([bytes.length, size, hex]);
    this.#size += bytes.length;
    const { blob } = this.#options;
    if (blob !== undefined) return blob.write(bytes);
    this.#digest.update(bytes);
    this.#sources.push(await this.#spool.add(bytes));
  }

  /** Hashes the collected chunks. */
  async #readReused(): Promise<void> {
    if (this.#reused.length === 0) return;
    const { spool, blob } = this.#options;
    for await (const bytes of readSources(spool, this.#reused)) {
      if (blob === undefined) this.#digest.update(bytes);
      else await blob.write(bytes);
    }
    this.#reused = [];
    this.#reusedWaiting = 0;
  }
}
