import { DurableObject } from "cloudflare:workers";
import { type ArchiveReceiver, StoredArchiveReceiver } from "../../images/receive-archive.ts";
import type { ForeignLayer } from "../../layers/foreign-layer.ts";
import { ForeignReader } from "../../layers/foreign-reader.ts";
import type { ForeignPart } from "../../layers/foreign-workers.ts";
import type { NumberedPortion } from "../../layers/portions.ts";
import {
  type LayerFormat,
  Recompressor,
  type RecompressPortion,
  type StoredBlob,
} from "../../layers/recompress.ts";
import { type CompressedSegment, compressSegment, SegmentHasher } from "../../layers/segment-work.ts";
import type { SegmentTask, StoredChunk } from "../../layers/segments.ts";
import type { ChunkPlace } from "../../layers/spool.ts";
import { type BlobDraft, putBlob } from "../../layers/store.ts";
import type { LayerCompression } from "../../layers/toc.ts";
import { READER_MEMORY } from "../../store/block-reader.ts";
import { kvCache } from "../../store/kv-cache.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { inTime } from "../../streams/pause.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import { ArchiveConverter, type ContextConverter } from "./convert-archive.ts";
import type { LayerSegmentsService } from "./layer-segments-service.ts";

/** Memory of one piece of work in bytes: contents that are read, a chunk, parts of an upload and the task. */
const WORK_MEMORY = READER_MEMORY + 12 * 1024 * 1024;
/** Age in milliseconds at which running work counts as lost with its object. */
const MAX_WAIT_MS = 60_000;

export class LayerSegments extends DurableObject<Env> implements LayerSegmentsService {
  readonly #hasher = new SegmentHasher(storeOf(this.env));
  readonly #recompressor = new Recompressor(storeOf(this.env));
  readonly #reader = new ForeignReader(storeOf(this.env));
  readonly #receiver = new StoredArchiveReceiver(storeOf(this.env));
  readonly #converter = new ArchiveConverter({ store: storeOf(this.env), cache: kvCache(this.env.CACHE) });

  compress(task: SegmentTask): Promise<CompressedSegment> {
    return inTurn(() => compressSegment(storeOf(this.env), task));
  }

  hash(number: number, compression: LayerCompression, chunks: readonly StoredChunk[]) {
    return inTurn(() => this.#hasher.add(number, compression, chunks));
  }

  put(blob: BlobDraft): Promise<void> {
    return inTurn(() => putBlob(storeOf(this.env), blob));
  }

  recompress(number: number, blob: StoredBlob, format: LayerFormat): Promise<RecompressPortion> {
    return inTurn(() => this.#recompressor.advance(number, blob, format));
  }

  stopRecompress(): Promise<void> {
    return this.#recompressor.stop();
  }

  read(number: number, layer: ForeignLayer, part: ForeignPart): Promise<NumberedPortion<undefined>> {
    return inTurn(() => this.#reader.advance(number, layer, part));
  }

  compressSent(
    number: number,
    places: readonly ChunkPlace[],
    format: LayerFormat,
  ): Promise<RecompressPortion> {
    return inTurn(() => this.#recompressor.advance(number, { places }, format));
  }

  convert(...args: Parameters<ContextConverter["convert"]>): ReturnType<ContextConverter["convert"]> {
    return inTurn(() => this.#converter.advance(...args));
  }

  stopConvert(): Promise<void> {
    return this.#converter.stop();
  }

  receive(...args: Parameters<ArchiveReceiver["receive"]>): ReturnType<ArchiveReceiver["receive"]> {
    return inTurn(() => this.#receiver.advance(...args));
  }

  stopReceive(): Promise<void> {
    return this.#receiver.stop();
  }
}

let last: Promise<unknown> = Promise.resolve();
let memory: Disposable | undefined;

/** Executes one piece of work of the isolate at a time: with one thread, several would only need more memory. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const before = last;
  const { promise, resolve } = Promise.withResolvers<void>();
  last = promise;
  await inTime(before, MAX_WAIT_MS, () => {});
  // An evicted object cannot release its memory.
  memory?.[Symbol.dispose]();
  const held = isolateMemory.hold(WORK_MEMORY);
  memory = held;
  try {
    return await work();
  } finally {
    held[Symbol.dispose]();
    resolve();
  }
}
