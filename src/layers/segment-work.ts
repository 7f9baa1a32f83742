import { COMPRESS_COST, gzipMember, inflateMember, zstdFrame } from "../compression/members.ts";
import { BlockContents } from "../rootfs/block-contents.ts";
import { BlockReader } from "../store/block-reader.ts";
import { BlockList } from "../store/blocks.ts";
import type { ObjectStore, ObjectWriter } from "../store/object-store.ts";
import { ByteReader } from "../streams/byte-reader.ts";
import { Digester, sha256Hex } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { chunkIndex } from "./chunk-index.ts";
import type { SegmentTask, StoredChunk } from "./segments.ts";
import { readSources } from "./sources.ts";
import { type LayerCompression, openLayer } from "./toc.ts";

/** The chunks of a segment. */
export interface CompressedSegment {
  chunks: readonly StoredChunk[];
  /** Number of chunks that were compressed now: none when the segment was stored. */
  compressed: number;
}

/** Key of the list of the chunks of a segment, which is written last. */
export function segmentListKey(key: string): string {
  return `${key}.list`;
}

/** Compresses a segment and stores it, unless it is stored. */
export async function compressSegment(store: ObjectStore, task: SegmentTask): Promise<CompressedSegment> {
  const { key, level, compression } = task;
  const compress = compression === "gzip" ? gzipMember : zstdFrame;
  const known = await store.getBytes(segmentListKey(key));
  if (known !== undefined) return { chunks: JSON.parse(new TextDecoder().decode(known)), compressed: 0 };
  const last = task.last === undefined ? undefined : await openLayer(store, task.last);
  const reuse = chunkIndex(last === undefined ? [] : [last], compression, level);
  const chunks: StoredChunk[] = [];
  let writer: ObjectWriter | undefined;
  let offset = 0;
  let compressed = 0;
  try {
    for await (const bytes of readChunks(store, task)) {
      const hex = sha256Hex(bytes);
      const place = reuse.get(hex);
      if (place !== undefined) {
        chunks.push({ place, size: bytes.length, sha256: hex });
        continue;
      }
      const turn = spend(COMPRESS_COST * bytes.length);
      if (turn !== undefined) await turn;
      const output = compress(bytes, level);
      compressed += 1;
      writer ??= await store.create(key);
      await writer.write(output);
      const { length } = output;
      chunks.push({ place: { key, offset, length }, size: bytes.length, sha256: hex });
      offset += length;
    }
    await writer?.complete();
  } catch (error) {
    await writer?.abort();
    throw error;
  }
  const list = new TextEncoder().encode(JSON.stringify(chunks));
  await store.put(segmentListKey(key), list, list.length);
  return { chunks, compressed };
}

/** The bytes of each chunk, valid until the next one is requested. */
async function* readChunks(store: ObjectStore, task: SegmentTask): AsyncGenerator<Uint8Array> {
  const { literals, sources, chunks } = task;
  const lists = sources.map((source) => BlockList.of(source));
  const reader = new BlockReader(store);
  const contentsOf = (source: number, at: number, size: number) =>
    new BlockContents(reader, lists[source] as BlockList, at, size);
  for (const part of chunks.flat()) if (typeof part !== "number") contentsOf(...part).prefetch();
  let taken = 0;
  let buffer = new Uint8Array(0);
  for (const parts of chunks) {
    let size = 0;
    for (const part of parts) size += typeof part === "number" ? part : part[2];
    if (size > buffer.length) buffer = new Uint8Array(size);
    let filled = 0;
    for (const part of parts) {
      if (typeof part === "number") {
        buffer.set(literals.subarray(taken, taken + part), filled);
        taken += part;
        filled += part;
        continue;
      }
      for await (const bytes of contentsOf(...part).read()) {
        buffer.set(bytes, filled);
        filled += bytes.length;
      }
    }
    yield buffer.subarray(0, size);
  }
}

/** Digests of a layer up to some segment. */
export interface LayerDigests {
  /** Digest of the compressed bytes. */
  digest: string;
  diffId: string;
}

/** Hashes the segments of one layer in order. */
export class SegmentHasher {
  readonly #store: ObjectStore;
  #digest = new Digester();
  #diffId = new Digester();
  #next = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Adds a segment; the first one starts again.
   * @returns the digests up to it; undefined when it does not follow the last one, because this object is new
   */
  async add(
    number: number,
    compression: LayerCompression,
    chunks: readonly StoredChunk[],
  ): Promise<LayerDigests | undefined> {
    if (number !== 0 && number !== this.#next) return undefined;
    const digest = number === 0 ? new Digester() : this.#digest.copy();
    const diffId = number === 0 ? new Digester() : this.#diffId.copy();
    const places = chunks.map(({ place }) => place);
    const reader = new ByteReader(readSources(this.#store, places));
    try {
      for (const { place, size } of chunks) {
        const turn = spend(size);
        if (turn !== undefined) await turn;
        const bytes = await reader.read(place.length);
        digest.update(bytes);
        diffId.update(inflateMember(bytes, compression, size));
      }
    } finally {
      await reader.close();
    }
    this.#digest = digest;
    this.#diffId = diffId;
    this.#next = number + 1;
    return { digest: digest.copy().digest(), diffId: diffId.copy().digest() };
  }
}
