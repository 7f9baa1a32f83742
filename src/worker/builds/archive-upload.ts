import type { BuildOptions } from "../../../schemas/options.ts";
import type { Context } from "../../context/context.ts";
import { followLinksInPieces, linksOf } from "../../context/follow-links.ts";
import { tableDigest } from "../../context/listing.ts";
import { PackUsage } from "../../context/usage.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { keepContext, lastContext } from "../../engine/context-scope.ts";
import { ignoreFilesOf, visibleFiles } from "../../engine/inputs.ts";
import { requiredPaths } from "../../engine/plan/required-paths.ts";
import type { PlannedBuild } from "../../engine/plan-build.ts";
import type { World } from "../../engine/world.ts";
import { readArchive, type SentArchive } from "../../layers/sent-archive.ts";
import { inTurns } from "../../streams/turns.ts";
import { ProblemError } from "../http/problem.ts";
import {
  asArchiveError,
  type ChooseFiles,
  type ContextConverter,
  convertArchive,
  convertInPortions,
  type ReceivedArchive,
  wholeKey,
} from "./convert-archive.ts";

/** The destination of an uploaded context. */
export interface Destination {
  world: World;
  /** Scope of the image. Files of the scope's last context are not stored again. */
  scope: string;
  /** Returns an object that converts a large archive. Undefined where invocations have no limit of CPU time. */
  newConverter?: (() => ContextConverter) | undefined;
}

/** A build whose context is uploaded as an archive. */
export interface ArchiveBuild {
  options: BuildOptions;
  /** Text of the Dockerfile; undefined when the archive contains it. */
  dockerfile: string | undefined;
  /** Plans the build from the texts that have been received so far. */
  plan: (texts: { dockerfile: string; ignore: readonly string[] }) => Promise<PlannedBuild>;
}

/**
 * Stores those files of an archive that the build reads. The entries of other files have no digest.
 * @throws {BuildError} `context-invalid`
 */
export async function receiveArchive(
  archive: SentArchive,
  build: ArchiveBuild,
  { world, scope, newConverter }: Destination,
): Promise<ReceivedArchive> {
  const { dockerfile } = build.options;
  const task = { scope, dockerfile, isDockerfileSent: build.dockerfile !== undefined };
  const choose = chooserOf(build);
  try {
    return await readArchive(world.store, archive, {
      here: (bytes, limit) => convertArchive(bytes, task, world, { choose, limit }),
      elsewhere:
        newConverter &&
        ((places) => convertInPortions(newConverter(), { ...task, places }, world.store, choose)),
    });
  } catch (error) {
    throw asArchiveError(error);
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

/** Plans the build from the texts that have arrived. */
function chooserOf({ options, dockerfile, plan }: ArchiveBuild): ChooseFiles {
  return async (texts) => {
    const textOf = (path: string) => {
      const bytes = texts.get(path);
      return bytes && new TextDecoder().decode(bytes);
    };
    const ignoreFile = ignoreFilesOf(options.dockerfile)
      .map(textOf)
      .find((text) => text !== undefined);
    const ignore = readIgnoreFile(ignoreFile ?? "");
    try {
      const { platforms } = await plan({
        dockerfile: dockerfile ?? textOf(options.dockerfile) ?? "",
        ignore,
      });
      const required = requiredPaths(platforms.map((platform) => platform.plan));
      return { ignore, paths: required.has(undefined) ? required.get(undefined) : [] };
    } catch {
      // The same error is reported once the archive is complete.
      return { ignore: [], paths: undefined };
    }
  };
}

/** Sets that the next archive of a scope is stored completely. */
async function incomplete(path: string, { cache }: World, scope: string): Promise<ProblemError> {
  await cache.put(new Map([[wholeKey(scope), true]]));
  return new ProblemError("archive-order", {
    detail: `Cannot build: "${path}" is required because of a link or an ignore file after it in the archive`,
    hint: "Send the archive again: the server will store all of it.",
  });
}
