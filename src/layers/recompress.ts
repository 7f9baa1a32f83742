import { decompress } from "../compression/decompress.ts";
import { blobKey } from "../oci/content-key.ts";
import type { ObjectStore } from "../store/object-store.ts";
import type { ChunkPlace } from "./chunk-index.ts";
import { compressLayer } from "./compress.ts";
import type { ForeignLayer } from "./ingest.ts";
import { LAYER_LIMITS } from "./limits.ts";
import { type Portion, Portions } from "./portions.ts";
import { type SegmentFormat, segmentBytes } from "./segments.ts";
import { readSources } from "./sources.ts";
import { type Keep, keepUpTo } from "./spool.ts";

/** How a layer is compressed. */
export type LayerFormat = Pick<SegmentFormat, "compression" | "level">;
/** A stored blob. */
export type StoredBlob = Pick<ForeignLayer, "digest" | "size">;

/** What a portion has reached; `lost` when the state in memory is that of another one. */
export type RecompressPortion = Portion<ForeignLayer> | { state: "lost" };

/** Executes a `Recompressor`. Each call is an invocation of its own, and may be repeated. */
export interface RecompressWorker {
  /** See `Recompressor.advance`. */
  recompress(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion>;
  /** See `Recompressor.stop`. */
  stopRecompress(): Promise<void>;
}

/** How often work may start again because its state in memory was lost. */
const MAX_RESTARTS = 5;
/** Bytes that are read from a blob per request. */
const READ = 4 * 1024 * 1024;
/** Bytes of compressed chunks that stay in memory between portions. */
const KEPT = 4 * 1024 * 1024;

/** Compresses the tar of one stored layer in another format, in portions. */
export class Recompressor {
  readonly #store: ObjectStore;
  readonly #bytes: number | undefined;
  #work: Portions<ForeignLayer> | undefined;
  #next = 0;

  /** @param bytes of the tar in a portion; by default those that need about two seconds */
  constructor(store: ObjectStore, bytes?: number) {
    this.#store = store;
    this.#bytes = bytes;
  }

  /**
   * Executes a portion; the first one starts again. Stores the new layer in the last one.
   * @throws {CompressionError} when the blob is damaged
   */
  async advance(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion> {
    if (number === 0) {
      await this.stop();
      const keep = keepUpTo(KEPT);
      this.#work = new Portions((limit) => recompress(this.#store, blob, { ...format, keep }, limit));
    } else if (number !== this.#next || this.#work === undefined) return { state: "lost" };
    const portion = await this.#work.advance(this.#bytes ?? segmentBytes(format));
    this.#next = number + 1;
    if (portion.state === "done") this.#work = undefined;
    return portion;
  }

  /** Ends work that is not finished. */
  async stop(): Promise<void> {
    await this.#work?.stop(new Error("Compressing the layer was stopped"));
    this.#work = undefined;
  }
}

/** Compresses the tar of a stored layer in another format, and stores it. */
export async function recompress(
  store: ObjectStore,
  { digest, size }: StoredBlob,
  format: LayerFormat & { keep?: Keep },
  limit: (tar: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (tar) => tar,
): Promise<ForeignLayer> {
  const places: ChunkPlace[] = [];
  for (let offset = 0; offset < size; offset += READ)
    places.push({ key: blobKey(digest), offset, length: Math.min(READ, size - offset) });
  const { body } = await decompress(readSources(store, places), LAYER_LIMITS);
  return compressLayer(store, limit(body), format);
}

/**
 * Like `recompress`, in portions that other invocations execute. Starts again when their state is lost.
 * @throws the reason of the signal
 */
export async function recompressInPortions(
  worker: RecompressWorker,
  blob: StoredBlob,
  format: LayerFormat,
  signal: AbortSignal,
): Promise<ForeignLayer> {
  const { digest, size } = blob;
  let restarts = 0;
  try {
    for (let number = 0; ; number++) {
      signal.throwIfAborted();
      const portion = await worker.recompress(number, { digest, size }, format);
      if (portion.state === "done") return portion.result;
      if (portion.state === "more") continue;
      if (++restarts > MAX_RESTARTS)
        throw new Error(`Cannot compress layer ${digest}: its state was lost ${restarts} times`);
      number = -1;
    }
  } catch (error) {
    await worker.stopRecompress().catch(() => {});
    throw error;
  }
}
