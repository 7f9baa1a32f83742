import { CompressionError } from "../../compression/error.ts";
import { type ArchiveChoice, ArchiveSelector } from "../../context/archive-selector.ts";
import type { Context } from "../../context/context.ts";
import { ingestTar } from "../../context/ingest.ts";
import { knownPacks } from "../../context/known-packs.ts";
import { openContext, saveContext } from "../../context/store.ts";
import { lastContext } from "../../engine/context-scope.ts";
import { BuildError } from "../../engine/errors.ts";
import { asBuildError, ignoreFilesOf } from "../../engine/inputs.ts";
import type { World } from "../../engine/world.ts";
import { inPortions, type NumberedPortion, NumberedPortions } from "../../layers/portions.ts";
import type { TarLimit } from "../../layers/sent-archive.ts";
import { readInParts } from "../../layers/sources.ts";
import { type ChunkPlace, keepUpTo, spoolKey } from "../../layers/spool.ts";
import { EntryError } from "../../rootfs/entry-error.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import type { Reservation } from "../../streams/memory-budget.ts";
import { inTurns } from "../../streams/turns.ts";
import { TarError } from "../../tar/error.ts";

/** What to convert. */
interface ArchiveTask {
  /** Scope of the image. Files of the scope's last context are not stored again. */
  scope: string;
  /** Path of the Dockerfile. */
  dockerfile: string;
  /** Whether its text was sent apart from the archive. */
  isDockerfileSent: boolean;
}

/** An archive that is stored. */
interface StoredArchiveTask extends ArchiveTask {
  places: readonly ChunkPlace[];
}

/** Chooses the files that a build reads, from the Dockerfile and the ignore files that have arrived, by path. */
export type ChooseFiles = (texts: ReadonlyMap<string, Uint8Array>) => Promise<ArchiveChoice>;

/** A converted archive. */
export interface ReceivedArchive {
  context: Context;
  /** Text of its Dockerfile; undefined when it must be read from the context. */
  dockerfile: string | undefined;
}

interface ConvertOptions {
  choose: ChooseFiles;
  limit: TarLimit;
  /** For packs. By default the isolate lends it. */
  memory?: Reservation;
}

/** Maximum compression ratio: what gzip can reach. zstd could reach a thousand times as much. */
const MAX_RATIO = 1100;

/**
 * Stores the files of an archive that the build reads.
 * @throws {TarError | CompressionError | EntryError | PatternError} see `asArchiveError`
 */
export async function convertArchive(
  bytes: AsyncIterable<Uint8Array>,
  { scope, dockerfile, isDockerfileSent }: ArchiveTask,
  { store, cache }: Pick<World, "store" | "cache">,
  { choose, limit, memory }: ConvertOptions,
): Promise<ReceivedArchive> {
  const isWhole = (await cache.get([wholeKey(scope)])).size > 0;
  const selector = isWhole
    ? undefined
    : new ArchiveSelector({
        dockerfile: isDockerfileSent ? undefined : dockerfile,
        ignoreFiles: ignoreFilesOf(dockerfile),
        plan: choose,
      });
  await selector?.start();
  const last = await lastContext({ store, cache }, scope);
  const context = await ingestTar(bytes, {
    store,
    limits: { maxRatio: MAX_RATIO },
    limit,
    ...(memory && { memory }),
    ...(last && { base: await inTurns(knownPacks([last])) }),
    ...(selector && { selector }),
  });
  // A later entry of the archive may have replaced the file.
  const isFile = context.tree.lookup(dockerfile)?.type === "file";
  return { context, dockerfile: isFile ? selector?.dockerfile : undefined };
}

// A link or an ignore file late in the archive can show that the build reads a file that was skipped. The next archive of
// the scope is then stored completely.

/** Key of the note that the next archive of a scope is stored completely. */
export function wholeKey(scope: string): string {
  return `whole/${scope}`;
}

/** Converts the error of an invalid archive to a BuildError; returns any other error unchanged. */
export function asArchiveError(error: unknown): unknown {
  if (error instanceof TarError || error instanceof CompressionError || error instanceof EntryError) {
    return new BuildError("context-invalid", error.message, {
      hint: "Send a tar of the build context: tar -c . | curl --data-binary @- …",
      cause: error,
    });
  }
  return asBuildError(error);
}

/** The result of a conversion in another invocation: where the context is stored, or why the archive is invalid. */
type Conversion =
  | { key: string; digest: string; dockerfile: string | undefined }
  | { invalid: { message: string; hint: string | undefined } };

/** A portion of a conversion. With `texts`, it waits for the choice of files that they lead to. */
type ConversionPortion = NumberedPortion<Conversion> & { texts?: ReadonlyMap<string, Uint8Array> };

/** Executes an `ArchiveConverter`. Each call is an invocation of its own, and may be repeated. */
export interface ContextConverter {
  /** See `ArchiveConverter.advance`. @throws {UnsupportedWorkError} */
  convert(
    number: number,
    task: StoredArchiveTask,
    choice: ArchiveChoice | undefined,
  ): Promise<ConversionPortion>;
  /** See `ArchiveConverter.stop`. */
  stopConvert(): Promise<void>;
}

/** Bytes of a tar in a portion, which needs half a second, or with a slow decoder four seconds. */
const PORTION = 64 * 1024 * 1024;
/** Memory for packs in bytes, between portions too. */
const PACK_MEMORY = 12 * 1024 * 1024;

/** Converts one stored archive, in portions. */
export class ArchiveConverter {
  readonly #world: Pick<World, "store" | "cache">;
  readonly #bytes: number;
  readonly #portions = new NumberedPortions<Conversion>();
  /** The texts that the work asks about, and the answer. */
  #texts: ReadonlyMap<string, Uint8Array> | undefined;
  #choice: ArchiveChoice | undefined;

  /** @param bytes of the tar in a portion */
  constructor(world: Pick<World, "store" | "cache">, bytes = PORTION) {
    this.#world = world;
    this.#bytes = bytes;
  }

  /**
   * Executes a portion; the first one starts again. The last one stores the context, whose key its reader deletes.
   * @param choice the answer to the texts of the portion before
   */
  async advance(
    number: number,
    { places, ...task }: StoredArchiveTask,
    choice: ArchiveChoice | undefined,
  ): Promise<ConversionPortion> {
    this.#texts = undefined;
    this.#choice = choice;
    const portion = await this.#portions.advance(number, this.#bytes, async ({ limit, pause }) => {
      const choose: ChooseFiles = async (texts) => {
        this.#texts = texts;
        await pause();
        if (this.#choice === undefined) throw new Error("Cannot convert an archive: no files were chosen");
        return this.#choice;
      };
      const memory = { grow: keepUpTo(PACK_MEMORY) };
      const bytes = readInParts(this.#world.store, places);
      return convertAndStore(
        () => convertArchive(bytes, task, this.#world, { choose, limit, memory }),
        this.#world.store,
      );
    });
    const texts = this.#texts;
    return portion.state === "more" && texts !== undefined ? { ...portion, texts } : portion;
  }

  /** Ends work that is not finished. */
  stop(): Promise<void> {
    return this.#portions.stop();
  }
}

async function convertAndStore(
  convert: () => Promise<ReceivedArchive>,
  store: ObjectStore,
): Promise<Conversion> {
  try {
    const { context, dockerfile } = await convert();
    const key = spoolKey();
    await saveContext(store, context, key);
    return { key, digest: context.digest, dockerfile };
  } catch (cause) {
    const error = asArchiveError(cause);
    if (!(error instanceof BuildError)) throw error;
    return { invalid: { message: error.message, hint: error.hint } };
  }
}

/**
 * Like `convertArchive`, in portions that other invocations execute. Starts again when their state is lost.
 * @throws {BuildError} `context-invalid`
 * @throws {UnsupportedWorkError}
 */
export async function convertInPortions(
  converter: ContextConverter,
  task: StoredArchiveTask,
  store: ObjectStore,
  choose: ChooseFiles,
): Promise<ReceivedArchive> {
  let choice: ArchiveChoice | undefined;
  let converted: Conversion;
  try {
    converted = await inPortions("convert an archive", async (number) => {
      const portion = await converter.convert(number, task, choice);
      choice = portion.texts && (await choose(portion.texts));
      return portion;
    });
  } catch (error) {
    await converter.stopConvert().catch(() => {});
    throw error;
  }
  if ("invalid" in converted) {
    const { message, hint } = converted.invalid;
    throw new BuildError("context-invalid", message, { hint });
  }
  const { key, digest, dockerfile } = converted;
  try {
    const context = await openContext(store, digest, key);
    if (context === undefined) throw new Error(`Cannot read "${key}": it was deleted`);
    return { context, dockerfile };
  } finally {
    await store.delete(key);
  }
}
