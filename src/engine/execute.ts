import type { LayerEntry } from "../layers/entry.ts";
import type { Tree } from "../rootfs/tree.ts";
import type { Changes } from "./copy/changes.ts";
import { copyInto, isIndependent } from "./copy/copy.ts";
import type { CopySource, CopyWarning } from "./copy/copy-request.ts";
import { emptyTree } from "./copy/empty-tree.ts";
import { layerEntries } from "./copy/layer-entries.ts";
import { makeWorkdir } from "./copy/workdir.ts";
import type { TransferDefinition, WorkdirDefinition } from "./plan/step.ts";
import type { Snapshot } from "./snapshots.ts";
import type { Sources } from "./sources.ts";
import type { LayerSettings } from "./step-key.ts";

/** What a step does to the tree it is laid on: its layer, not yet written. */
export interface Executed {
  /** In path order; may be gone through more than once. */
  entries(): Iterable<LayerEntry>;
  warnings: readonly CopyWarning[];
}

/** The time of every file that has none of its own: zip tools fail on earlier ones. */
export const fixedEpoch = 315_532_800;

/** Carries out a step that runs nothing on a tree, in memory: contents are not read before the layer is written. */
export async function execute(
  definition: TransferDefinition | WorkdirDefinition,
  parent: Snapshot,
  sources: Sources,
  settings: LayerSettings,
): Promise<Executed> {
  const mtimeOf = timesOf(settings);
  const noLayers = parent.layers.length === 0;
  if (definition.kind === "workdir") {
    const { path, owner } = definition;
    // A directory that WORKDIR makes is not copied from anywhere, so its time is that of the build.
    const request = { path, noLayers, mtimeOf: () => settings.epoch, ...(owner && { owner }) };
    return executed(await makeWorkdir(await parent.tree(), request));
  }
  const { dest, destIsDirectory, owner, chmod, link, excludes } = definition;
  const opened: CopySource[] = [];
  for (const source of definition.sources) opened.push(await sources.open(source));
  const request = {
    sources: opened,
    dest,
    destIsDirectory,
    link,
    excludes,
    noLayers,
    mtimeOf,
    ...(owner && { owner }),
    ...(chmod && { chmod }),
  };
  return executed(await copyInto(await baseOf(parent, request), request));
}

/** What was done to a tree, as a layer of it. */
export function executed({
  changes,
  warnings = [],
}: {
  changes: Changes;
  warnings?: CopyWarning[];
}): Executed {
  return { entries: () => layerEntries(changes), warnings };
}

/** A copy that does not look at the tree below it leaves that tree unread. */
function baseOf(parent: Snapshot, request: Parameters<typeof isIndependent>[0]): Promise<Tree> | Tree {
  return isIndependent(request) ? emptyTree : parent.tree();
}

/** The rule by which entries of a layer get their times. */
export function timesOf({ timestamps, epoch }: LayerSettings): (mtime: number | undefined) => number {
  return timestamps === "preserve" ? (mtime) => mtime ?? epoch : () => fixedEpoch;
}
