import type { CopyTask, JobLayer, JobSource, LastLayer } from "../../../schemas/runner.ts";
import type { BuildContexts } from "../contexts.ts";
import { ignoresParent } from "../keys/step-keys.ts";
import type { FileState, TransferDefinition, TransferSource, WorkdirDefinition } from "../plan/step.ts";
import { type Remotes, refOf } from "../solve/sources.ts";
import type { EntryTimes } from "../times.ts";
import { treeOf } from "./run-task.ts";

/** Returns the layers of a state in the form that a task contains. */
type StackOf = (input: FileState) => { layers: JobLayer[] };

/** The dependencies for opening sources. */
interface SourceOrigins {
  contexts: BuildContexts;
  remotes: Remotes;
}

/** A source whose layers are filled in later. */
type OpenedSource = (stackOf: StackOf) => JobSource;

/** Converts a source to the form that a task contains. Fetches remote sources. */
export async function openSource(
  source: TransferSource,
  { contexts, remotes }: SourceOrigins,
): Promise<OpenedSource> {
  switch (source.kind) {
    case "inline": {
      const { name, content } = source;
      return () => ({ from: { name, content }, ref: "inline", path: `/${name}`, keepOwner: true });
    }
    case "files": {
      const { from, path, parents } = source;
      return (stackOf) => ({
        from: treeOf(from, { contexts, stackOf }),
        ref: refOf(from),
        path,
        keepOwner: from.kind !== "context",
        ...(parents !== undefined && { parents }),
      });
    }
    case "http":
    case "git": {
      const { context, path, madeNow } = await remotes.open(source);
      const from = { context, ignore: [] };
      return () => ({ from, ref: source.kind, path, madeNow, literal: true, keepOwner: true });
    }
  }
}

/** Times of the entries of a copy task. */
export interface CopyTimes {
  times: EntryTimes;
  /** The last version of the layer: see `findKeptTimes`. */
  last: LastLayer | undefined;
}

/** Creates the task for COPY, ADD without archives, or WORKDIR. */
export async function openCopyTask(
  definition: TransferDefinition | WorkdirDefinition,
  { times, last }: CopyTimes,
  origins: SourceOrigins,
): Promise<(stackOf: StackOf) => CopyTask> {
  const sources = definition.kind === "workdir" ? [] : definition.sources;
  const opened = await Promise.all(sources.map((source) => openSource(source, origins)));
  return (stackOf) => {
    const { layers } = ignoresParent(definition) ? { layers: [] } : stackOf(definition.parent);
    return {
      kind: "copy",
      layers,
      action: actionOf(definition, opened, stackOf),
      times: { ...times },
      ...(last && { last: { ...last } }),
    };
  };
}

function actionOf(
  definition: TransferDefinition | WorkdirDefinition,
  sources: readonly OpenedSource[],
  stackOf: StackOf,
): CopyTask["action"] {
  const { owner } = definition;
  if (definition.kind === "workdir") {
    return { kind: "workdir", path: definition.path, ...(owner && { owner: { ...owner } }) };
  }
  const { dest, destIsDirectory, chmod, link, excludes } = definition;
  return {
    kind: "copy",
    sources: sources.map((open) => open(stackOf)),
    dest,
    destIsDirectory,
    link,
    excludes: [...excludes],
    ...(owner && { owner: { ...owner } }),
    ...(chmod && { chmod: "octal" in chmod ? { ...chmod } : { changes: [...chmod.changes] } }),
  };
}
