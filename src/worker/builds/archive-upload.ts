import type { BuildOptions } from "../../../schemas/options.ts";
import { CompressionError } from "../../compression/error.ts";
import { ArchiveSelector } from "../../context/archive-selector.ts";
import type { Context } from "../../context/context.ts";
import { followLinksInPieces, linksOf } from "../../context/follow-links.ts";
import { ingestTar } from "../../context/ingest.ts";
import { knownPacks } from "../../context/known-packs.ts";
import { tableDigest } from "../../context/listing.ts";
import { PackUsage } from "../../context/usage.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { keepContext, lastContext } from "../../engine/context-scope.ts";
import { BuildError } from "../../engine/errors.ts";
import { asBuildError, ignoreFilesOf, visibleFiles } from "../../engine/inputs.ts";
import { requiredPaths } from "../../engine/plan/required-paths.ts";
import type { PlannedBuild } from "../../engine/plan-build.ts";
import type { World } from "../../engine/world.ts";
import { EntryError } from "../../rootfs/entry-error.ts";
import { inTurns } from "../../streams/turns.ts";
import { TarError } from "../../tar/error.ts";
import { ProblemError } from "../http/problem.ts";

/** The destination of an uploaded context. */
export interface Destination {
  world: World;
  /** Scope of the image. Files of the scope's last context are not stored again. */
  scope: string;
}

/** A build whose context is uploaded as an archive. */
export interface ArchiveBuild {
  options: BuildOptions;
  /** Text of the Dockerfile; undefined when the archive contains it. */
  dockerfile: string | undefined;
  /** Plans the build from the texts that have been received so far. */
  plan: (texts: { dockerfile: string; ignore: readonly string[] }) => Promise<PlannedBuild>;
}

/** An archive that was received completely. */
export interface ReceivedArchive {
  context: Context;
  /** Text of its Dockerfile; undefined when it must be read from the context. */
  dockerfile: string | undefined;
}

/** Maximum compression ratio: the best that gzip can do. zstd could reach a thousand times as much. */
const MAX_RATIO = 1100;

/**
 * Stores those files of an archive that the build reads. The entries of other files have no digest.
 * @throws {BuildError} `context-invalid`
 */
export async function receiveArchive(
  body: AsyncIterable<Uint8Array>,
  build: ArchiveBuild,
  { world, scope }: Destination,
): Promise<ReceivedArchive> {
  try {
    const selector = (await isSelective(world, scope)) ? selectorOf(build) : undefined;
    await selector?.start();
    const last = await lastContext(world, scope);
    const context = await ingestTar(body, {
      store: world.store,
      limits: { maxRatio: MAX_RATIO },
      ...(last && { base: await inTurns(knownPacks([last])) }),
      ...(selector && { selector }),
    });
    // A later entry of the archive may have replaced the file.
    const isFile = context.tree.lookup(build.options.dockerfile)?.type === "file";
    return { context, dockerfile: isFile ? selector?.dockerfile : undefined };
  } catch (error) {
    if (error instanceof TarError || error instanceof CompressionError || error instanceof EntryError) {
      throw new BuildError("context-invalid", error.message, {
        hint: "Send a tar of the build context: tar -c . | curl --data-binary @- …",
        cause: error,
      });
    }
    throw asBuildError(error);
  }
}

/**
 * Stores the part of an archive that the build reads as a context of its scope.
 * @throws {ProblemError} when a file of it was not stored
 */
export async function keepArchive(
  archive: Context,
  { inputs, platforms }: PlannedBuild,
  { world, scope }: Destination,
): Promise<string> {
  const required = requiredPaths(platforms.map(({ plan }) => plan));
  const paths = required.has(undefined) ? required.get(undefined) : [];
  const include = paths && (await inTurns(followLinksInPieces(paths, linksOf(archive.tree))));
  const tree = await visibleFiles(archive.tree, { ignore: inputs.ignore, include });
  for (const { path, type, digest } of tree.walk("")) {
    const isFile = type === "file" || type === "hardlink";
    if (isFile && digest === undefined) throw await incomplete(path, world, scope);
  }
  const digest = await inTurns(tableDigest(tree));
  const last = await lastContext(world, scope);
  if (digest === last?.digest) return digest;
  const usage = await inTurns(PackUsage.of(tree));
  await keepContext(world, scope, { digest, tree, packs: usage.packsOf(archive.packs), usage });
  return digest;
}

function selectorOf({ options, dockerfile, plan }: ArchiveBuild): ArchiveSelector {
  const ignoreFiles = ignoreFilesOf(options.dockerfile);
  return new ArchiveSelector({
    dockerfile: dockerfile === undefined ? options.dockerfile : undefined,
    ignoreFiles,
    async plan(texts) {
      const textOf = (path: string) => {
        const bytes = texts.get(path);
        return bytes && new TextDecoder().decode(bytes);
      };
      const ignore = readIgnoreFile(ignoreFiles.map(textOf).find((text) => text !== undefined) ?? "");
      try {
        const { platforms } = await plan({
          dockerfile: dockerfile ?? textOf(options.dockerfile) ?? "",
          ignore,
        });
        const required = requiredPaths(platforms.map((platform) => platform.plan));
        return { ignore, paths: required.has(undefined) ? required.get(undefined) : [] };
      } catch {
        // Planning the complete archive reports the same error.
        return { ignore: [], paths: undefined };
      }
    },
  });
}

// A link or an ignore file late in the archive can reveal that the build reads a file that was skipped. The server then
// stores all of the scope's next archive.

function wholeKey(scope: string): string {
  return `whole/${scope}`;
}

async function isSelective({ cache }: World, scope: string): Promise<boolean> {
  return (await cache.get([wholeKey(scope)])).size === 0;
}

async function incomplete(path: string, { cache }: World, scope: string): Promise<ProblemError> {
  await cache.put(new Map([[wholeKey(scope), true]]));
  return new ProblemError("archive-order", {
    detail: `Cannot build: "${path}" is required because of a link or an ignore file after it in the archive`,
    hint: "Send the archive again: the server will store all of it.",
  });
}
