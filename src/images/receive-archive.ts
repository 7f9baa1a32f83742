import { z } from "zod";
import { issuesText } from "../../schemas/issues-text.ts";
import { decompress } from "../compression/decompress.ts";
import { CompressionError } from "../compression/error.ts";
import { inPortions, type NumberedPortion, NumberedPortions } from "../layers/portions.ts";
import { LayerRefusedError } from "../layers/refusal.ts";
import { readArchive, SENT_LIMITS, type SentArchive, type TarLimit } from "../layers/sent-archive.ts";
import { readInParts } from "../layers/sources.ts";
import type { ChunkPlace } from "../layers/spool.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { TarError } from "../tar/error.ts";
import { ArchiveFiles, invalid, invalidArchive, type ReceivedFiles } from "./archive-files.ts";
import { ImageError } from "./image-error.ts";

/** Bytes of a tar in a portion, which needs a third of a second, or with a slow decoder four seconds. */
const PORTION = 64 * 1024 * 1024;

/** The files of an archive, or why it is invalid. */
type Received = ReceivedFiles | { invalid: string };

/** Executes a `StoredArchiveReceiver`. Each call is an invocation of its own, and may be repeated. */
export interface ArchiveReceiver {
  /** See `StoredArchiveReceiver.advance`. @throws {UnsupportedWorkError} */
  receive(number: number, places: readonly ChunkPlace[]): Promise<NumberedPortion<Received>>;
  /** See `StoredArchiveReceiver.stop`. */
  stopReceive(): Promise<void>;
}

/**
 * Receives the files of an archive of images.
 * @param newReceiver returns an object that receives a large archive; undefined where invocations have no limit of CPU time
 * @throws {TarError | CompressionError | ImageError} see `asLoadError`
 */
export function receiveFiles(
  store: ObjectStore,
  archive: SentArchive,
  newReceiver: (() => ArchiveReceiver) | undefined,
): Promise<ArchiveFiles> {
  return readArchive(store, archive, {
    here: (bytes, limit) => receiveHere(store, bytes, limit),
    elsewhere:
      newReceiver &&
      (async (places) => new ArchiveFiles(store, await receiveInPortions(newReceiver(), places))),
  });
}

async function receiveHere(
  store: ObjectStore,
  bytes: AsyncIterable<Uint8Array>,
  limit: TarLimit,
): Promise<ArchiveFiles> {
  const files = new ArchiveFiles(store);
  try {
    const { body } = await decompress(bytes, SENT_LIMITS);
    await files.receive(limit(body));
    return files;
  } catch (error) {
    await files.drop();
    throw error;
  }
}

/** @throws {ImageError} `archive-invalid` */
async function receiveInPortions(
  receiver: ArchiveReceiver,
  places: readonly ChunkPlace[],
): Promise<ReceivedFiles> {
  let received: Received;
  try {
    received = await inPortions("load an archive", (number) => receiver.receive(number, places));
  } catch (error) {
    await receiver.stopReceive().catch(() => {});
    throw error;
  }
  if ("invalid" in received) throw invalidArchive(received.invalid);
  return received;
}

/** Receives the files of one stored archive, in portions. */
export class StoredArchiveReceiver {
  readonly #store: ObjectStore;
  readonly #bytes: number;
  readonly #portions = new NumberedPortions<Received>();

  /** @param bytes of the tar in a portion */
  constructor(store: ObjectStore, bytes = PORTION) {
    this.#store = store;
    this.#bytes = bytes;
  }

  /** Executes a portion; the first one starts again. */
  advance(number: number, places: readonly ChunkPlace[]): Promise<NumberedPortion<Received>> {
    return this.#portions.advance(number, this.#bytes, async ({ limit }) => {
      try {
        const { received } = await receiveHere(this.#store, readInParts(this.#store, places), limit);
        return received;
      } catch (cause) {
        const error = asLoadError(cause);
        if (!(error instanceof ImageError)) throw error;
        return { invalid: error.message };
      }
    });
  }

  /** Ends work that is not finished, and deletes its temporary objects. */
  stop(): Promise<void> {
    return this.#portions.stop();
  }
}

/** Converts the error of an invalid archive to an ImageError; returns any other error unchanged. */
export function asLoadError(error: unknown): unknown {
  if (error instanceof z.ZodError) return invalid(issuesText(error), error);
  const isInvalid = [TarError, CompressionError, LayerRefusedError].some((type) => error instanceof type);
  return isInvalid ? invalid((error as Error).message, error) : error;
}
