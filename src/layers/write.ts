import { OCI } from "../oci/media-types.ts";
import { encodeNode } from "../rootfs/node-line.ts";
import { IMPLIED, Parents } from "../rootfs/parents.ts";
import type { Node } from "../rootfs/tree.ts";
import { LineFrames } from "../store/framed.ts";
import { Digester, sha256 } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { comparePaths } from "../tar/text.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";
import type { ChunkIndex } from "./chunk-index.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { cutsBefore, PIECE } from "./chunker.ts";
import type { LayerEntry } from "./entry.ts";
import { lookAhead } from "./look-ahead.ts";
import type { ChunkSource, Keep, SpoolStore } from "./spool.ts";
import type { LayerCompression, LayerInfo } from "./toc.ts";

export interface WriteOptions {
  compression: LayerCompression;
  /** Compression level: 1 to 9 for gzip, 1 to 19 for zstd. */
  level: number;
  /** Chunks that need not be compressed again. */
  reuse?: ChunkIndex;
  /** Reads reused chunks, and stores compressed chunks that do not fit in memory. */
  spool: SpoolStore;
  /** Whether so many more bytes of compressed chunks may stay in memory. By default 24 MiB may. */
  keep?: Keep;
  /** Compresses one chunk like `gzipMember` or `zstdFrame`, which are the defaults. */
  compress?: (bytes: Uint8Array, level: number) => Uint8Array | Promise<Uint8Array>;
  /** Most chunks compressed concurrently. Default 1. */
  pending?: number;
}

/** A complete layer that is not stored yet: see `storeLayer` and `dropLayer`. */
export interface LayerDraft extends LayerInfo {
  /** Bytes of the tar. */
  tarSize: number;
  /** Entries as lines of the table of contents. */
  entries: LineFrames;
  /** The bytes of the blob, in order. */
  sources: readonly ChunkSource[];
  /** The object that contains some of them. */
  spoolKey: string | undefined;
  /** Bytes of the blob that were reused. */
  reusedBytes: number;
}

/** An entry cannot be written to a layer. */
export class LayerEntryError extends Error {
  override name = "LayerEntryError";
  readonly code = "bad-layer-entry";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`Cannot write the layer entry "${path}": ${reason}`);
    this.path = path;
  }
}

/**
 * The first of two passes: writes the tar of `entries`, which must be in path order, compresses new chunks, and
 * computes the metadata of the layer. Stores only what does not fit in memory, under `spool/`, and deletes it on
 * failure. The same entries give the same bytes, regardless of reuse.
 */
export async function writeLayer(
  entries: Iterable<LayerEntry> | AsyncIterable<LayerEntry>,
  options: WriteOptions,
): Promise<LayerDraft> {
  const { compression, level } = options;
  const chunks = new ChunkWriter(options);
  const tar = new TarWriter(chunks);
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
      diffId: tar.diffId(),
      written: { compression, level, chunks: list },
      tarSize: tar.size,
      entries: tar.lines,
      sources,
      spoolKey,
      reusedBytes,
    };
  } catch (error) {
    await chunks.abort();
    throw error;
  }
}

/** Cost of writing an entry, besides its contents. */
const ENTRY = 8192;

/** Writes the tar and cuts it into chunks. */
class TarWriter {
  readonly #chunks: ChunkWriter;
  readonly #diffId = new Digester();
  readonly lines = new LineFrames();
  /** The current chunk. */
  #buffer = new Uint8Array(2 * PIECE);
  #filled = 0;
  /** Bytes of the chunks before it. */
  #before = 0;
  #last: string | undefined;
  readonly #parents = new Parents();

  constructor(chunks: ChunkWriter) {
    this.#chunks = chunks;
  }

  get size(): number {
    return this.#before + this.#filled;
  }

  async add({ node, read }: LayerEntry): Promise<void> {
    if (this.#last !== undefined && comparePaths(this.#last, node.path) >= 0) {
      throw new LayerEntryError(node.path, `it comes after "${this.#last}"`);
    }
    this.#last = node.path;
    const missing = this.#parents.missingBefore(node);
    if (missing === undefined) throw new LayerEntryError(node.path, "something above it is not a directory");
    for (const directory of missing) this.lines.push(encodeNode(directory));
    if (cutsBefore(node, this.#filled)) await this.#cut();
    this.#append(encodeMember(node));
    if (node.type !== "file" || node.size === 0) {
      this.lines.push(encodeNode(node.type === "file" ? { ...node, digest: EMPTY } : node));
      return;
    }
    // From here on, the pieces of a large file depend only on the file.
    if (node.size >= PIECE) await this.#cut();
    const place = this.size;
    const contents = read?.() ?? node.contents?.read();
    if (contents === undefined) throw new LayerEntryError(node.path, "it has no contents");
    const digest = await this.#addContents(node, contents);
    this.#append(padding(node.size));
    this.lines.push(encodeNode({ ...node, digest }, place));
  }

  async end(): Promise<void> {
    if (this.#last === undefined) this.lines.push(encodeNode({ ...IMPLIED, path: "" }));
    this.#append(endOfArchive);
    await this.#cut();
    this.lines.flush();
  }

  diffId(): string {
    return this.#diffId.digest();
  }

  /** Returns the digest. */
  async #addContents(node: Node, contents: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    const digester = node.digest === undefined ? new Digester() : undefined;
    let size = 0;
    for await (const chunk of contents instanceof Uint8Array ? [contents] : contents) {
      size += chunk.length;
      if (size > node.size) throw new LayerEntryError(node.path, `it has more than ${node.size} bytes`);
      digester?.update(chunk);
      if (node.size < PIECE) this.#append(chunk);
      else await this.#appendPieces(chunk);
    }
    if (size < node.size) throw new LayerEntryError(node.path, `it has ${size} bytes, not ${node.size}`);
    return digester?.digest() ?? (node.digest as string);
  }

  async #appendPieces(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + PIECE - this.#filled);
      this.#append(part);
      at += part.length;
      if (this.#filled === PIECE) await this.#cut();
    }
  }

  #append(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(filled, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }

  async #cut(): Promise<void> {
    if (this.#filled === 0) return;
    const chunk = this.#buffer.subarray(0, this.#filled);
    this.#diffId.update(chunk);
    await this.#chunks.add(chunk);
    this.#before += this.#filled;
    this.#filled = 0;
  }
}

const EMPTY = sha256("");
