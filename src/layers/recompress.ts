import type { ObjectStore } from "../store/object-store.ts";
import { compressLayer } from "./compress.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { openTarInParts } from "./layer-tar.ts";
import { inPortions, type NumberedPortion, NumberedPortions } from "./portions.ts";
import { type SegmentFormat, segmentBytes } from "./segments.ts";
import { type Keep, keepUpTo } from "./spool.ts";

/** Compression of a layer. */
export type LayerFormat = Pick<SegmentFormat, "compression" | "level">;
/** A stored blob. */
export type StoredBlob = Pick<ForeignLayer, "digest">;
export type RecompressPortion = NumberedPortion<ForeignLayer>;

/** Executes a `Recompressor`. Each call is a separate invocation, and may be repeated. */
export interface RecompressWorker {
  /** See `Recompressor.advance`. @throws {UnsupportedWorkError} */
  recompress(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion>;
  /** See `Recompressor.stop`. */
  stopRecompress(): Promise<void>;
}

/** Bytes of compressed chunks that stay in memory between portions. */
const KEPT = 4 * 1024 * 1024;

/** Compresses the tar of one stored layer in another format, in portions. */
export class Recompressor {
  readonly #store: ObjectStore;
  readonly #bytes: number | undefined;
  readonly #portions = new NumberedPortions<ForeignLayer>();

  /** @param bytes of the tar in a portion; by default those that need about two seconds */
  constructor(store: ObjectStore, bytes?: number) {
    this.#store = store;
    this.#bytes = bytes;
  }

  /** Executes a portion; the first one starts again. Stores the new layer in the last one. */
  advance(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion> {
    return this.#portions.advance(number, this.#bytes ?? segmentBytes(format), (limit) =>
      recompress(this.#store, blob, { ...format, keep: keepUpTo(KEPT) }, limit),
    );
  }

  /** Ends work that is not finished. */
  stop(): Promise<void> {
    return this.#portions.stop();
  }
}

/** Compresses the tar of a stored layer in another format, and stores it. */
export async function recompress(
  store: ObjectStore,
  { digest }: StoredBlob,
  format: LayerFormat & { keep?: Keep },
  limit: (tar: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array> = (tar) => tar,
): Promise<ForeignLayer> {
  return compressLayer(store, limit(await openTarInParts(store, digest)), format);
}

/**
 * Like `recompress`, in portions that other invocations execute. Starts again when their state is lost.
 * @throws the reason of the signal
 * @throws {LayerRefusedError} when the blob is damaged
 * @throws {UnsupportedWorkError}
 */
export async function recompressInPortions(
  worker: RecompressWorker,
  { digest }: StoredBlob,
  format: LayerFormat,
  signal: AbortSignal,
): Promise<ForeignLayer> {
  try {
    return await inPortions(`compress layer ${digest}`, async (number) => {
      signal.throwIfAborted();
      return worker.recompress(number, { digest }, format);
    });
  } catch (error) {
    await worker.stopRecompress().catch(() => {});
    throw error;
  }
}
