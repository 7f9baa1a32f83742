import type { LayerEntry } from "../../layers/entry.ts";
import type { Tree } from "../../rootfs/tree.ts";
import { inTurns } from "../../streams/turns.ts";
import type { Changes } from "../copy/changes.ts";
import { copyInto, isIndependent } from "../copy/copy.ts";
import type { CopySource, CopyWarning } from "../copy/copy-request.ts";
import { emptyTree } from "../copy/empty-tree.ts";
import { findKeptTimes, keepTimes } from "../copy/keep-times.ts";
import { findDifferences, layerEntries } from "../copy/layer-entries.ts";
import { makeWorkdir } from "../copy/workdir.ts";
import type { TransferDefinition, WorkdirDefinition } from "../plan/step.ts";
import { type EntryTimes, timesOf } from "../times.ts";

/** The changes of a step: a layer that is not written yet. */
export interface StepChanges {
  /** In path order; can be iterated repeatedly. */
  entries(): Iterable<LayerEntry>;
  warnings: readonly CopyWarning[];
}

/** The definition of COPY, ADD or WORKDIR without its inputs. */
type Definition = Omit<TransferDefinition, "parent" | "sources"> | Omit<WorkdirDefinition, "parent">;

/** The file system that a step changes. */
interface ParentFiles {
  /** The stage has no layer yet, so user names cannot be resolved. */
  hasNoLayers: boolean;
  tree(): Promise<Tree>;
}

/**
 * Computes the changes of COPY, ADD or WORKDIR in memory. Reads no contents; writing the layer does.
 * @param sources of COPY and ADD, opened
 * @param last the last version of the layer: see `findKeptTimes`
 * @throws {CopyError}
 */
export async function changeFiles(
  definition: Definition,
  sources: readonly CopySource[],
  parent: ParentFiles,
  times: EntryTimes,
  last?: Tree,
): Promise<StepChanges> {
  const mtimeOf = timesOf(times);
  const noLayers = parent.hasNoLayers;
  if (definition.kind === "workdir") {
    const { path, owner } = definition;
    const request = { path, noLayers, mtimeOf, ...(owner && { owner }) };
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
  // A copy that does not depend on the tree below does not read it.
  const base = isIndependent(request) ? emptyTree : await parent.tree();
  const copied = await stepChanges(await copyInto(base, request));
  if (last === undefined) return copied;
  const kept = await inTurns(findKeptTimes(copied.entries(), last));
  return { ...copied, entries: () => keepTimes(copied.entries(), kept) };
}

/** The changes of a tree, as a layer. */
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
