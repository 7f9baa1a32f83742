import type { CopyTask, JobSource, JobTree, LayerTask, SelectTask } from "../../../schemas/runner.ts";
import type { LayerEntry } from "../../layers/entry.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { inTurns } from "../../streams/turns.ts";
import type { CopySource } from "../copy/copy-request.ts";
import { heredocSource } from "../copy/heredoc.ts";
import { selectEntries, selectNodes } from "../keys/selections.ts";
import { changeFiles, type StepChanges, stepChanges } from "../solve/change-files.ts";
import { timesOf } from "../times.ts";
import { overlayChanges } from "./overlay-diff.ts";

// Task execution without a process. Part of the engine, so that COPY gives the same result on the server and on a
// runner.

/** Opens a tree of a task. */
type OpenTree = (tree: JobTree) => Promise<Tree>;

/**
 * Computes the changes of COPY, ADD or WORKDIR.
 * @param last the last version of the layer: see `findKeptTimes`
 * @throws {CopyError}
 */
export async function copyFiles(
  { action, layers, times }: CopyTask,
  open: OpenTree,
  last: Tree | undefined,
): Promise<StepChanges> {
  const sources =
    action.kind === "workdir" ? [] : await Promise.all(action.sources.map((one) => openSource(one, open)));
  const parent = { hasNoLayers: layers.length === 0, tree: () => open({ layers }) };
  return changeFiles(action as Parameters<typeof changeFiles>[0], sources, parent, times, last);
}

/**
 * Computes the digest of each source's selection.
 * @param hash ensures that these nodes of an opened tree have digests
 * @throws {CopyError}
 */
export async function selectFiles(
  { sources }: SelectTask,
  open: OpenTree,
  hash: (nodes: readonly Node[]) => Promise<void>,
): Promise<string[]> {
  const digests: string[] = [];
  for (const { source, excludes } of sources) {
    const opened = await openSource(source, open);
    await hash(await selectNodes(opened, excludes));
    const { digest } = await selectEntries(opened, excludes);
    digests.push(digest);
  }
  return digests;
}

/**
 * The entries of the layer of a RUN.
 * @param upper the upper directory of the overlayfs, with the changes of the process
 * @param mounted absolute mount points
 */
export async function runEntries(
  { times }: Pick<LayerTask, "times">,
  upper: Tree,
  base: Tree,
  mounted: readonly string[],
): Promise<Iterable<LayerEntry>> {
  const changes = await inTurns(overlayChanges({ upper, base, mounted, mtimeOf: timesOf(times) }));
  return (await stepChanges({ changes })).entries();
}

async function openSource(source: JobSource, open: OpenTree): Promise<CopySource> {
  const { from, ref, path, parents, literal, keepOwner, madeNow } = source;
  if ("content" in from) return heredocSource(from.name, from.content);
  return {
    tree: await open(from),
    ref,
    path,
    keepOwner,
    ...(parents !== undefined && { parents }),
    ...(literal && { literal }),
    ...(madeNow && { madeNow }),
  };
}
