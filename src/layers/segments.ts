import type { StoredRange } from "../rootfs/tree.ts";
import type { BlockList, PlainBlocks } from "../store/blocks.ts";
import type { LineFrames } from "../store/framed.ts";
import { concat } from "../streams/concat.ts";
import { Digester, hexOf } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { PIECE } from "./chunker.ts";
import type { LayerEntry } from "./entry.ts";
import type { ChunkPlace } from "./spool.ts";
import { type ChunkSink, layerEntryError, TarWriter } from "./tar-writer.ts";
import type { LayerCompression } from "./toc.ts";

// A large layer is written in segments: consecutive chunks, each segment in a separate invocation.

/** A part of a chunk: so many of the literal bytes of the segment, or a range of the data of one of its sources. */
type ChunkPart = number | readonly [source: number, at: number, size: number];

/** Compression of layers. */
export interface SegmentFormat {
  compression: LayerCompression;
  level: number;
  /** Digest of the last version of the layer, whose chunks are reused. */
  last?: string;
}

/** Chunks to be compressed. Plain data. */
export interface SegmentTask extends SegmentFormat {
  /** Key of the compressed chunks. Equal tasks for a layer have equal keys. */
  key: string;
  /** Headers and other bytes that are in no source. */
  literals: Uint8Array;
  /** Objects with contents of files. */
  sources: readonly PlainBlocks[];
  /** The parts of each chunk, in order. */
  chunks: readonly (readonly ChunkPart[])[];
}

/** A compressed chunk in an object. */
export interface StoredChunk {
  place: ChunkPlace;
  /** Bytes after decompression, and their SHA-256 (hex). */
  size: number;
  sha256: string;
}

const MIB = 1024 * 1024;
/** Bytes of a segment up to a level: about two seconds of CPU time for source code, see docs/operate.md. */
const SEGMENT_BYTES: Record<LayerCompression, readonly [level: number, bytes: number][]> = {
  gzip: [
    [6, 96 * MIB],
    [9, 32 * MIB],
  ],
  zstd: [
    [6, 128 * MIB],
    [12, 32 * MIB],
    [15, 16 * MIB],
    [22, 4 * MIB],
  ],
};
/** Maximum number of literal bytes of a segment, and of parts. */
const MAX_LITERALS = MIB;
const MAX_PARTS = 16384;
/** Largest contents that become literal bytes because they are in no object. */
const MAX_INLINE = MIB;

export function segmentBytes({ compression, level }: SegmentFormat): number {
  return SEGMENT_BYTES[compression].find(([most]) => level <= most)?.[1] ?? 4 * MIB;
}

/** Whether another invocation can read the contents of all entries. */
export async function hasStoredContents(entries: Iterable<LayerEntry>): Promise<boolean> {
  for (const { node, read } of entries) {
    const turn = spend(ENTRY);
    if (turn !== undefined) await turn;
    if (node.type !== "file" || node.size === 0) continue;
    if (node.digest === undefined) return false;
    const isStored = read === undefined && node.contents?.stored !== undefined;
    if (!isStored && node.size > MAX_INLINE) return false;
  }
  return true;
}

/** Cost of an entry. */
const ENTRY = 8192;

/** The tar of a layer without its contents. */
export class LayerLayout {
  readonly #folder: string;
  readonly #format: SegmentFormat;
  readonly #limit: number;
  readonly #sink = new TaskSink();
  readonly #tar = new TarWriter(this.#sink);

  /**
   * @param folder key prefix of the compressed chunks
   * @param limit bytes of a complete segment
   */
  constructor(folder: string, format: SegmentFormat, limit: number) {
    this.#folder = folder;
    this.#format = format;
    this.#limit = limit;
  }

  /** Lines of the table of contents; complete after the last segment. */
  get lines(): LineFrames {
    return this.#tar.lines;
  }

  /** The segments of entries in path order, whose contents are stored: see `hasStoredContents`. */
  async *segments(entries: Iterable<LayerEntry>): AsyncGenerator<SegmentTask> {
    const sink = this.#sink;
    const limit = this.#limit;
    for (const entry of entries) {
      const turn = spend(ENTRY);
      if (turn !== undefined) await turn;
      await this.#tar.add(entry);
      for (let one = sink.take(limit); one !== undefined; one = sink.take(limit)) yield this.#task(one);
    }
    await this.#tar.end();
    for (let one = sink.take(limit); one !== undefined; one = sink.take(limit)) yield this.#task(one);
    const rest = sink.takeRest();
    if (rest !== undefined) yield this.#task(rest);
  }

  #task({ literals, sources, chunks }: DescribedSegment): SegmentTask {
    const name = new Digester();
    name.update(new TextEncoder().encode(JSON.stringify([this.#format, sources, chunks])));
    const key = `${this.#folder}${hexOf(name.update(literals).digest())}`;
    return { ...this.#format, key, literals, sources, chunks };
  }
}

type DescribedSegment = Pick<SegmentTask, "literals" | "sources" | "chunks">;

/** A chunk of the tar whose bytes are described. */
interface DescribedChunk {
  size: number;
  parts: (Uint8Array | StoredRange)[];
}

/** Describes chunks instead of reading them. */
class TaskSink implements ChunkSink {
  #parts: DescribedChunk["parts"] = [];
  #before = 0;
  filled = 0;
  /** Chunks that belong to no segment yet. */
  #waiting: DescribedChunk[] = [];
  /** The chunks of the current segment, with their sums. */
  #segment: DescribedChunk[] = [];
  #bytes = 0;
  #literalBytes = 0;
  #partCount = 0;
  #full: DescribedSegment[] = [];

  get size(): number {
    return this.#before + this.filled;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.filled += bytes.length;
  }

  async appendFile({ node, read }: LayerEntry): Promise<string> {
    const { contents, digest, size } = node;
    if (digest === undefined) throw layerEntryError(node.path, "its digest is unknown");
    if (read === undefined && contents?.stored !== undefined) {
      const isLarge = size >= PIECE;
      for (const range of await contents.stored()) await this.#appendRange(range, isLarge);
      return digest;
    }
    const bytes = read?.() ?? contents?.read();
    if (bytes === undefined) throw layerEntryError(node.path, "it has no contents");
    const parts: Uint8Array[] = [];
    for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) parts.push(part.slice());
    const all = concat(parts);
    if (all.length !== size) throw layerEntryError(node.path, `it has ${all.length} bytes, not ${size}`);
    for (let at = 0; at < size; ) {
      const part = all.subarray(at, at + (size < PIECE ? size : PIECE - this.filled));
      this.append(part);
      at += part.length;
      if (size >= PIECE && this.filled === PIECE) await this.cut();
    }
    return digest;
  }

  async #appendRange({ list, at, size }: StoredRange, isLarge: boolean): Promise<void> {
    for (let done = 0; done < size; ) {
      const length = isLarge ? Math.min(size - done, PIECE - this.filled) : size - done;
      this.#parts.push({ list, at: at + done, size: length });
      this.filled += length;
      done += length;
      if (isLarge && this.filled === PIECE) await this.cut();
    }
  }

  async cut(): Promise<void> {
    if (this.filled === 0) return;
    this.#before += this.filled;
    this.#waiting.push({ size: this.filled, parts: this.#parts });
    this.#parts = [];
    this.filled = 0;
  }

  /**
   * Removes and returns the chunks of the next segment.
   * @param limit bytes of a complete segment
   * @returns undefined when the chunks so far do not fill a segment
   */
  take(limit: number): DescribedSegment | undefined {
    for (const chunk of this.#waiting.splice(0)) {
      const segment = this.#segment;
      segment.push(chunk);
      this.#bytes += chunk.size;
      this.#partCount += chunk.parts.length;
      for (const part of chunk.parts) if (part instanceof Uint8Array) this.#literalBytes += part.length;
      const isFull =
        this.#bytes >= limit || this.#literalBytes >= MAX_LITERALS || this.#partCount >= MAX_PARTS;
      if (isFull) this.#full.push(this.#rest());
    }
    return this.#full.shift();
  }

  /** Removes and returns the chunks of the last segment. */
  takeRest(): DescribedSegment | undefined {
    return this.#segment.length === 0 ? undefined : this.#rest();
  }

  #rest(): DescribedSegment {
    const segment = describe(this.#segment);
    this.#segment = [];
    this.#bytes = 0;
    this.#literalBytes = 0;
    this.#partCount = 0;
    return segment;
  }
}

function describe(described: readonly DescribedChunk[]): DescribedSegment {
  const literals: Uint8Array[] = [];
  const numbers = new Map<BlockList, number>();
  const chunks = described.map(({ parts }) => {
    const plain: ChunkPart[] = [];
    for (const part of parts) {
      if (part instanceof Uint8Array) {
        literals.push(part);
        const last = plain.at(-1);
        if (typeof last === "number") plain[plain.length - 1] = last + part.length;
        else plain.push(part.length);
      } else {
        const number = numbers.get(part.list) ?? numbers.size;
        numbers.set(part.list, number);
        plain.push([number, part.at, part.size]);
      }
    }
    return plain;
  });
  return { literals: concat(literals), sources: [...numbers.keys()].map((list) => list.plain()), chunks };
}
