import type { ArchiveReceiver } from "../../images/receive-archive.ts";
import type { ForeignLayer } from "../../layers/foreign-layer.ts";
import type { ForeignPart } from "../../layers/foreign-workers.ts";
import type { NumberedPortion } from "../../layers/portions.ts";
import type { LayerFormat, RecompressPortion, StoredBlob } from "../../layers/recompress.ts";
import type { CompressedSegment, LayerDigests } from "../../layers/segment-work.ts";
import type { SegmentTask, StoredChunk } from "../../layers/segments.ts";
import type { ChunkPlace } from "../../layers/spool.ts";
import type { BlobDraft } from "../../layers/store.ts";
import type { LayerCompression } from "../../layers/toc.ts";
import type { ContextConverter } from "./convert-archive.ts";

/**
 * An object that executes one part of the work on a large layer or archive: see `SegmentWorker`. It has no state. In a gradual
 * deployment, Workers of other versions call these methods: add methods, but do not change or remove any.
 */
export interface LayerSegmentsService extends Rpc.DurableObjectBranded {
  compress(task: SegmentTask): Promise<CompressedSegment>;
  hash(
    number: number,
    compression: LayerCompression,
    chunks: readonly StoredChunk[],
  ): Promise<LayerDigests | undefined>;
  put(blob: BlobDraft): Promise<void>;
  recompress(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion>;
  stopRecompress(): Promise<void>;
  read(number: number, layer: ForeignLayer, part: ForeignPart): Promise<NumberedPortion<undefined>>;
  compressSent(
    number: number,
    places: readonly ChunkPlace[],
    format: LayerFormat,
  ): Promise<RecompressPortion>;
  convert(...args: Parameters<ContextConverter["convert"]>): ReturnType<ContextConverter["convert"]>;
  stopConvert(): Promise<void>;
  receive(...args: Parameters<ArchiveReceiver["receive"]>): ReturnType<ArchiveReceiver["receive"]>;
  stopReceive(): Promise<void>;
}
