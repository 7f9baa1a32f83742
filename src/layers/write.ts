import { OCI } from "../oci/media-types.ts";
import type { LineFrames } from "../store/framed.ts";
import { Digester } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { ChunkWriter, type ChunkWriterOptions } from "./chunk-writer.ts";
import { PIECE } from "./chunker.ts";
import type { LayerEntry } from "./entry.ts";
import { lookAhead } from "./look-ahead.ts";
import type { ChunkSource } from "./spool.ts";
import { type ChunkSink, layerEntryError, TarWriter } from "./tar-writer.ts";
import type { LayerInfo } from "./toc.ts";

/** A complete layer that is not stored yet: see `storeLayer` and `dropLayer`. */
export interface LayerDraft extends LayerInfo {
  /** Entries as lines of the table of contents. */
  entries: LineFrames;
  /** The bytes of the blob, in order. */
  sources: readonly ChunkSource[];
  /** Temporary objects that contain some of them. */
  spoolKeys: readonly string[];
  /** Bytes of the blob that were reused. */
  reusedBytes: number;
}

/**
 * The first of two passes: writes the tar of `entries`, which must be in path order, compresses new chunks, and
 * computes the metadata of the layer. Stores only what does not fit in memory, under `spool/`, and deletes it on
 * failure. The same entries give the same bytes, regardless of reuse.
 */
export async function writeLayer(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
  options: ChunkWriterOptions,
): Promise<LayerDraft> {
  const { compression, level } = options;
  const chunks = new ChunkWriter(options);
  const buffer = new ChunkBuffer(chunks);
  const tar = new TarWriter(buffer);
  try {
    for await (const entry of lookAhead(entries)) {
      const turn = spend(ENTRY);
      if (turn !== undefined) await turn;
      await tar.add(entry);
    }
    await tar.end();
    const { digest, size, sources, spoolKey, reusedBytes, list } = await chunks.complete();
    return {
      digest,
      size,
      mediaType: compression === "gzip" ? OCI.layerGzip : OCI.layerZstd,
      diffId: buffer.diffId(),
      written: { compression, level, chunks: list },
      entries: tar.lines,
      sources,
      spoolKeys: spoolKey === undefined ? [] : [spoolKey],
      reusedBytes,
    };
  } catch (error) {
    await chunks.abort();
    throw error;
  }
}

/** Cost of writing an entry, besides its contents. */
const ENTRY = 8192;

/** Cuts the tar into chunks in memory, and hashes it. */
class ChunkBuffer implements ChunkSink {
  readonly #chunks: ChunkWriter;
  readonly #diffId = new Digester();
  /** The current chunk. */
  #buffer = new Uint8Array(2 * PIECE);
  #filled = 0;
  /** Bytes of the chunks before it. */
  #before = 0;

  constructor(chunks: ChunkWriter) {
    this.#chunks = chunks;
  }

  get filled(): number {
    return this.#filled;
  }

  get size(): number {
    return this.#before + this.#filled;
  }

  diffId(): string {
    return this.#diffId.digest();
  }

  async appendFile({ node, read }: LayerEntry): Promise<string> {
    const contents = read?.() ?? node.contents?.read();
    if (contents === undefined) throw layerEntryError(node.path, "it has no contents");
    const digester = node.digest === undefined ? new Digester() : undefined;
    let size = 0;
    for await (const chunk of contents instanceof Uint8Array ? [contents] : contents) {
      size += chunk.length;
      if (size > node.size) throw layerEntryError(node.path, `it has more than ${node.size} bytes`);
      digester?.update(chunk);
      if (node.size < PIECE) this.append(chunk);
      else await this.#appendPieces(chunk);
    }
    if (size < node.size) throw layerEntryError(node.path, `it has ${size} bytes, not ${node.size}`);
    return digester?.digest() ?? (node.digest as string);
  }

  async #appendPieces(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE - this.#filled);
      this.append(part);
      at += part.length;
      if (this.#filled === PIECE) await this.cut();
    }
  }

  append(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(filled, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }

  async cut(): Promise<void> {
    if (this.#filled === 0) return;
    const chunk = this.#buffer.subarray(0, this.#filled);
    this.#diffId.update(chunk);
    await this.#chunks.add(chunk);
    this.#before += this.#filled;
    this.#filled = 0;
  }
}
