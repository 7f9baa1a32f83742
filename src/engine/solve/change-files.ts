import type { LayerEntry } from "../../layers/entry.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { inTurns } from "../../streams/turns.ts";
import type { Changes, MtimeRule } from "../copy/changes.ts";
import { copyInto, isIndependent } from "../copy/copy.ts";
import type { CopySource, CopyWarning } from "../copy/copy-request.ts";
import { emptyTree } from "../copy/empty-tree.ts";
import { findDifferences, layerEntries } from "../copy/layer-entries.ts";
import { makeWorkdir } from "../copy/workdir.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import type { TransferDefinition, WorkdirDefinition } from "../plan/step.ts";

/** The changes of a step: a layer that is not written yet. */
export interface StepChanges {
  /** In path order; may be iterated more than once. */
  entries(): Iterable<LayerEntry>;
  warnings: readonly CopyWarning[];
}

/** The time of every file that has none of its own: zip tools reject earlier ones. */
export const fixedEpoch = 315_532_800;

/** What COPY, ADD and WORKDIR depend on besides their sources. */
type Definition = Omit<TransferDefinition, "parent" | "sources"> | Omit<WorkdirDefinition, "parent">;

/** The file system that a step changes. */
export interface ParentFiles {
  /** The stage has no layer yet, so that names of users cannot be looked up. */
  hasNoLayers: boolean;
  tree(): Promise<Tree>;
}

/**
 * Makes the changes of COPY, ADD or WORKDIR in memory. Contents are not read before the layer is written.
 * @param sources of COPY and ADD, opened
 * @throws CopyError
 */
export async function changeFiles(
  definition: Definition,
  sources: readonly CopySource[],
  parent: ParentFiles,
  settings: Pick<LayerSettings, "timestamps" | "epoch">,
): Promise<StepChanges> {
  const mtimeOf = timesOf(settings);
  const noLayers = parent.hasNoLayers;
  if (definition.kind === "workdir") {
    const { path, owner } = definition;
    // The directory is not copied from anywhere, so its time is that of the build.
    const request = { path, noLayers, mtimeOf: () => settings.epoch, ...(owner && { owner }) };
    return stepChanges(await makeWorkdir(await parent.tree(), request));
  }
  const { dest, destIsDirectory, owner, chmod, link, excludes } = definition;
  const request = {
    sources,
    dest,
    destIsDirectory,
    link,
    excludes,
    noLayers,
    mtimeOf,
    ...(owner && { owner }),
    ...(chmod && { chmod }),
  };
  // A copy that ignores the tree below it does not read it either.
  return stepChanges(await copyInto(isIndependent(request) ? emptyTree : await parent.tree(), request));
}

/** Changes of a tree as a layer. */
export async function stepChanges({
  changes,
  warnings = [],
}: {
  changes: Changes;
  warnings?: readonly CopyWarning[];
}): Promise<StepChanges> {
  const differences = await inTurns(findDifferences(changes));
  return { entries: () => layerEntries(changes, differences), warnings };
}

/** The rule for the times of the entries of a layer. */
export function timesOf({ timestamps, epoch }: Pick<LayerSettings, "timestamps" | "epoch">): MtimeRule {
  return timestamps === "preserve" ? (mtime) => mtime ?? epoch : () => fixedEpoch;
}
