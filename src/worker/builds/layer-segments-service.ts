import type { ArchiveReceiver } from "../../images/receive-archive.ts";
import type { ForeignWorker } from "../../layers/foreign-workers.ts";
import type { LayerFormat, RecompressPortion, StoredBlob } from "../../layers/recompress.ts";
import type { ChunkPlace } from "../../layers/spool.ts";
import type { SegmentWorker } from "../../layers/write-segments.ts";
import type { ContextConverter } from "./convert-archive.ts";

/**
 * An object that executes one part of the work on a large layer or archive. It has no state. In a gradual deployment, Workers
 * of other versions call these methods: add methods, but do not change or remove any.
 */
export interface LayerSegmentsService
  extends Rpc.DurableObjectBranded,
    Omit<SegmentWorker, "recompress">,
    ForeignWorker,
    ContextConverter,
    ArchiveReceiver {
  recompress(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion>;
  compressSent(
    number: number,
    places: readonly ChunkPlace[],
    format: LayerFormat,
  ): Promise<RecompressPortion>;
}
