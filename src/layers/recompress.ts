import { decompress } from "../compression/decompress.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { compressLayer, USUAL_FORMAT } from "./compress.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { openTarInParts } from "./layer-tar.ts";
import { inPortions, type NumberedPortion, NumberedPortions } from "./portions.ts";
import { type SegmentFormat, segmentBytes } from "./segments.ts";
import { type MaxHere, readArchive, SENT_LIMITS, type SentArchive, type TarLimit } from "./sent-archive.ts";
import { readInParts } from "./sources.ts";
import { type ChunkPlace, type Keep, keepUpTo } from "./spool.ts";

export type LayerFormat = Pick<SegmentFormat, "compression" | "level">;
export type StoredBlob = Pick<ForeignLayer, "digest">;
/** A tar that a client has sent, compressed or not. */
interface SentTar {
  places: readonly ChunkPlace[];
}
export type RecompressPortion = NumberedPortion<ForeignLayer>;

/** Executes a `Recompressor`. Each call is a separate invocation, and may be repeated. */
export interface RecompressWorker {
  /** See `Recompressor.advance`. @throws {UnsupportedWorkError} */
  recompress(number: number, blob: StoredBlob | SentTar, format: LayerFormat): Promise<RecompressPortion>;
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
  advance(number: number, blob: StoredBlob | SentTar, format: LayerFormat): Promise<RecompressPortion> {
    return this.#portions.advance(number, this.#bytes ?? segmentBytes(format), ({ limit }) =>
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
  blob: StoredBlob | SentTar,
  format: LayerFormat & { keep?: Keep },
  limit: TarLimit = (tar) => tar,
): Promise<ForeignLayer> {
  const tar =
    "places" in blob
      ? (await decompress(readInParts(store, blob.places), SENT_LIMITS)).body
      : await openTarInParts(store, blob.digest);
  return compressLayer(store, limit(tar), format);
}

/**
 * Like `recompress`, in portions that other invocations execute. Starts again when their state is lost.
 * @throws the reason of the signal
 * @throws {LayerRefusedError} when the blob is damaged
 * @throws {UnsupportedWorkError}
 */
export async function recompressInPortions(
  worker: RecompressWorker,
  blob: StoredBlob | SentTar,
  format: LayerFormat,
  signal?: AbortSignal,
): Promise<ForeignLayer> {
  // Without other fields of a layer.
  const sent = "places" in blob ? { places: blob.places } : { digest: blob.digest };
  const what = "digest" in sent ? `layer ${sent.digest}` : "a layer";
  try {
    return await inPortions(`compress ${what}`, async (number) => {
      signal?.throwIfAborted();
      return worker.recompress(number, sent, format);
    });
  } catch (error) {
    await worker.stopRecompress().catch(() => {});
    throw error;
  }
}

/** Objects that each execute a `Recompressor`. Undefined where invocations have no limit of CPU time. */
export type NewCompressor = (() => RecompressWorker) | undefined;

/**
 * Stores a tar that a client sends, compressed or not, as a layer in gzip.
 * @param maxHere most bytes of the tar that this invocation compresses, by its compression
 * @throws {CompressionError}
 * @throws {LayerRefusedError} when another invocation has read it and found that it is invalid
 */
export function compressSent(
  store: ObjectStore,
  archive: SentArchive,
  newCompressor: NewCompressor,
  maxHere?: MaxHere,
): Promise<ForeignLayer> {
  return readArchive(
    store,
    archive,
    {
      here: async (bytes, limit) => compressLayer(store, limit((await decompress(bytes, SENT_LIMITS)).body)),
      elsewhere:
        newCompressor && ((places) => recompressInPortions(newCompressor(), { places }, USUAL_FORMAT)),
    },
    maxHere,
  );
}
