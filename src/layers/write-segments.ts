import { OCI } from "../oci/media-types.ts";
import type { LayerEntry } from "./entry.ts";
import type { RecompressWorker } from "./recompress.ts";
import { type CompressedSegment, type LayerDigests, segmentListKey } from "./segment-work.ts";
import {
  LayerLayout,
  type SegmentFormat,
  type SegmentTask,
  type StoredChunk,
  segmentBytes,
} from "./segments.ts";
import type { BlobDraft } from "./store.ts";
import type { LayerCompression } from "./toc.ts";
import type { LayerDraft } from "./write.ts";

/** Executes the work on the segments of one layer. Each call is a separate invocation, and may be repeated. */
export interface SegmentWorker extends RecompressWorker {
  /** See `compressSegment`. */
  compress(task: SegmentTask): Promise<CompressedSegment>;
  /** See `SegmentHasher`. */
  hash(
    number: number,
    compression: LayerCompression,
    chunks: readonly StoredChunk[],
  ): Promise<LayerDigests | undefined>;
  /** See `putBlob`. */
  put(blob: BlobDraft): Promise<void>;
}

interface SegmentsOptions extends SegmentFormat {
  /** Key prefix of the compressed segments. A later attempt with the same prefix uses those that an interrupted one stored. */
  folder: string;
  worker: SegmentWorker;
  /** Bytes of a segment; by default those that need about two seconds. */
  segmentBytes?: number;
  signal: AbortSignal;
  /** Called with the bytes of the tar that were compressed so far. */
  onProgress: (bytes: number) => void;
  /** Deletes keys of segments that are not needed. */
  drop: (keys: readonly string[]) => Promise<void>;
}

/** Segments of a layer that are compressed concurrently. */
const AT_ONCE = 4;
/** How often hashing may start again because its state in memory was lost. */
const MAX_RESTARTS = 5;

/**
 * Like `writeLayer`, with the same result, in segments: other invocations compress and hash them. The contents of all
 * entries must be stored: see `hasStoredContents`.
 */
export async function writeSegments(
  entries: Iterable<LayerEntry>,
  { folder, worker, segmentBytes: limit, signal, onProgress, drop, ...format }: SegmentsOptions,
): Promise<LayerDraft> {
  const { compression, level } = format;
  const layout = new LayerLayout(folder, format, limit ?? segmentBytes(format));
  const hashing = new Hashing(worker, compression);
  const running = new Set<Promise<void>>();
  const segments: Promise<CompressedSegment>[] = [];
  const keys: string[] = [];
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  let done = 0;
  try {
    signal.throwIfAborted();
    for await (const task of layout.segments(entries)) {
      signal.throwIfAborted();
      keys.push(segmentListKey(task.key), task.key);
      const segment = worker.compress(task);
      segments.push(segment);
      const size = sizeOf(task);
      const finished = segment.then(() => {
        running.delete(finished);
        done += size;
        onProgress(done);
      });
      running.add(finished);
      // Failures are thrown by the race.
      finished.catch(() => {});
      hashing.add(segment);
      while (running.size >= AT_ONCE) await Promise.race([...running, aborted]);
    }
    await Promise.race([Promise.all(running), aborted]);
    const { digest, diffId } = await Promise.race([hashing.end(), aborted]);
    const chunks = (await Promise.all(segments)).flatMap((segment) => segment.chunks);
    return {
      digest,
      size: chunks.reduce((sum, { place }) => sum + place.length, 0),
      mediaType: compression === "gzip" ? OCI.layerGzip : OCI.layerZstd,
      diffId,
      written: {
        compression,
        level,
        chunks: chunks.map(({ place, size, sha256 }) => [place.length, size, sha256] as const),
      },
      entries: layout.lines,
      sources: chunks.map(({ place }) => place),
      spoolKeys: keys,
      reusedBytes: reusedBytes(chunks, folder),
    };
  } catch (error) {
    // Running calls may still store segments.
    Promise.allSettled([...running, hashing.end()])
      .then(() => drop(keys))
      .catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Bytes of chunks that are not in the segments. */
function reusedBytes(chunks: readonly StoredChunk[], folder: string): number {
  let bytes = 0;
  for (const { place } of chunks) if (!place.key.startsWith(folder)) bytes += place.length;
  return bytes;
}

function sizeOf({ chunks }: SegmentTask): number {
  let size = 0;
  for (const part of chunks.flat()) size += typeof part === "number" ? part : part[2];
  return size;
}

/** Hashes segments in order, as soon as they are compressed. */
class Hashing {
  readonly #worker: SegmentWorker;
  readonly #compression: LayerCompression;
  readonly #segments: (readonly StoredChunk[])[] = [];
  #restarts = 0;
  #last: Promise<LayerDigests | undefined> = Promise.resolve(undefined);

  constructor(worker: SegmentWorker, compression: LayerCompression) {
    this.#worker = worker;
    this.#compression = compression;
  }

  add(segment: Promise<CompressedSegment>): void {
    this.#last = this.#last.then(async () => {
      this.#segments.push((await segment).chunks);
      return this.#hash();
    });
    this.#last.catch(() => {});
  }

  /** The digests of all segments. */
  async end(): Promise<LayerDigests> {
    const digests = await this.#last;
    if (digests === undefined) throw new Error("Cannot hash a layer: it has no segments");
    return digests;
  }

  /** Hashes the last segment, and those before it when they must be hashed again. */
  async #hash(): Promise<LayerDigests> {
    for (let number = this.#segments.length - 1; ; number++) {
      const chunks = this.#segments[number] as readonly StoredChunk[];
      const digests = await this.#worker.hash(number, this.#compression, chunks);
      if (digests === undefined) {
        if (++this.#restarts > MAX_RESTARTS)
          throw new Error(`Cannot hash a layer: its state was lost ${this.#restarts} times`);
        number = -1;
      } else if (number === this.#segments.length - 1) return digests;
    }
  }
}
