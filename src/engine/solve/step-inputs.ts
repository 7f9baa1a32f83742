import { inTurns } from "../../streams/turns.ts";
import { type BuildContexts, contextOf } from "../contexts.ts";
import type { CopySource } from "../copy/copy-request.ts";
import { selectSources } from "../copy/select.ts";
import { selectEntries } from "../keys/selections.ts";
import { stepKey } from "../keys/step-key.ts";
import { excludesOf, ignoresParent, type KeyedStep } from "../keys/step-keys.ts";
import type { FilesSource, TransferDefinition, TransferSource, WorkdirDefinition } from "../plan/step.ts";
import type { RunnerSteps, StateOf } from "../run/runner-steps.ts";
import { type Remotes, Sources } from "./sources.ts";
import type { FileSystemState } from "./states.ts";

/** Readers of the files that steps use. */
interface InputReaders {
  runner: RunnerSteps | undefined;
  remotes: Remotes;
  contexts: BuildContexts;
}

/** All states that a step reads, its parent first. */
export function readStates({ step, sources }: KeyedStep, stateOf: StateOf): FileSystemState[] {
  const from = sources.filter(isFromState).map((source) => stateOf(source.from));
  return ignoresParent(step.definition) ? from : [stateOf(step.definition.parent), ...from];
}

function isFromState(source: TransferSource): source is FilesSource {
  return source.kind === "files" && source.from.kind !== "context";
}

/**
 * The content-based key, from the identities of everything the step reads: equal steps on equal inputs have equal
 * results, however the inputs were made.
 */
export async function resultKey(keyed: KeyedStep, stateOf: StateOf, readers: InputReaders): Promise<string> {
  const { step, parts, sources } = keyed;
  const { definition } = step;
  const parent = ignoresParent(definition) ? "" : stateOf(definition.parent).identity || "scratch";
  const digests = await selectFromStates(keyed, stateOf, readers);
  const identities = sources.map((source, index) => digests.get(source) ?? parts.sources[index] ?? "");
  return stepKey({ ...parts, parent, sources: identities });
}

/** Digests of the selections of sources in images and earlier steps. */
async function selectFromStates(
  { step, info, sources }: KeyedStep,
  stateOf: StateOf,
  { runner, remotes }: InputReaders,
): Promise<Map<TransferSource, string>> {
  const { definition } = step;
  const made = sources.filter(isFromState);
  const held = made.filter(({ from }) => stateOf(from).isHeld);
  const digests = new Map<TransferSource, string>();
  const opener = new Sources(remotes, (from) => stateOf(from).tree());
  const selected = held.length > 0 ? runner?.select(info, held, definition, stateOf) : undefined;
  await Promise.all(
    made.map(async (source) => {
      const known = held.includes(source) ? (await selected)?.[held.indexOf(source)] : undefined;
      digests.set(
        source,
        known ?? (await selectEntries(await opener.open(source), excludesOf(definition))).digest,
      );
    }),
  );
  return digests;
}

/** Whether a source of ADD is an archive, which is unpacked on the server. */
export async function readsArchive(
  definition: TransferDefinition | WorkdirDefinition,
  { remotes, contexts }: InputReaders,
): Promise<boolean> {
  if (definition.kind !== "add") return false;
  const sources = new Sources(remotes, async (from) => {
    return contextOf(contexts, from.kind === "context" ? from.name : undefined).tree;
  });
  for (const source of definition.sources) {
    if (!("unpack" in source && source.unpack) || isFromState(source)) continue;
    const opened: CopySource = await sources.open(source);
    for (const { node } of await inTurns(selectSources(opened))) {
      if (node.type === "file" && (await remotes.isArchive(node))) return true;
    }
  }
  return false;
}
