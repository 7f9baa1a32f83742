import { encodeNode } from "../rootfs/node-line.ts";
import { IMPLIED, Parents } from "../rootfs/parents.ts";
import { LineFrames } from "../store/framed.ts";
import { NO_BYTES } from "../streams/sha256.ts";
import { comparePaths } from "../tar/text.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";
import { cutsBefore, PIECE } from "./chunker.ts";
import type { LayerEntry } from "./entry.ts";

/** The error for an entry that cannot be written to a layer. */
export function layerEntryError(path: string, reason: string): Error {
  return new Error(`Cannot write the layer entry "${path}": ${reason}`);
}

/** Receives the bytes of a tar. */
export interface ChunkSink {
  /** Bytes in the current chunk. */
  readonly filled: number;
  /** Bytes of the tar so far. */
  readonly size: number;
  /** Appends bytes that do not change afterwards. */
  append(bytes: Uint8Array): void;
  /**
   * Appends the contents of a file; those of at least `PIECE` bytes with a cut after each `PIECE` bytes.
   * @returns their digest
   */
  appendFile(entry: LayerEntry): Promise<string>;
  /** Ends the current chunk, unless it is empty. */
  cut(): Promise<void>;
}

/** Writes the tar of a layer and determines its chunks. */
export class TarWriter {
  readonly #sink: ChunkSink;
  readonly lines = new LineFrames();
  #last: string | undefined;
  readonly #parents = new Parents();

  constructor(sink: ChunkSink) {
    this.#sink = sink;
  }

  async add(entry: LayerEntry): Promise<void> {
    const { node } = entry;
    if (this.#last !== undefined && comparePaths(this.#last, node.path) >= 0) {
      throw layerEntryError(node.path, `it comes after "${this.#last}"`);
    }
    this.#last = node.path;
    const missing = this.#parents.missingBefore(node);
    if (missing === undefined) throw layerEntryError(node.path, "something above it is not a directory");
    for (const directory of missing) this.lines.push(encodeNode(directory));
    if (cutsBefore(node, this.#sink.filled)) await this.#sink.cut();
    this.#sink.append(encodeMember(node));
    if (node.type !== "file" || node.size === 0) {
      this.lines.push(encodeNode(node.type === "file" ? { ...node, digest: NO_BYTES } : node));
      return;
    }
    // From here on, the pieces of a large file depend only on the file.
    if (node.size >= PIECE) await this.#sink.cut();
    const place = this.#sink.size;
    const digest = await this.#sink.appendFile(entry);
    this.#sink.append(padding(node.size));
    this.lines.push(encodeNode({ ...node, digest }, place));
  }

  async end(): Promise<void> {
    if (this.#last === undefined) this.lines.push(encodeNode({ ...IMPLIED, path: "" }));
    this.#sink.append(endOfArchive);
    await this.#sink.cut();
    this.lines.flush();
  }
}
