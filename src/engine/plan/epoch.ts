import { expandWord } from "../../dockerfile/expand.ts";
import type { AddInstruction, Dockerfile, Stage } from "../../dockerfile/instruction.ts";
import type { NamedContexts } from "./named-context.ts";
import type { PlanLookups } from "./options.ts";
import { attachLines, nowhere, PlanFault } from "./plan-error.ts";
import { remoteSource } from "./remote-source.ts";
import type { Scope } from "./scope.ts";
import type { GitSource, HttpSource } from "./step.ts";

const name = "SOURCE_DATE_EPOCH";
/** The end of the year 9999, the latest time that RFC 3339, and so an image config, can represent. */
const MAX_EPOCH = 253_402_300_799;

/** The inputs for resolving SOURCE_DATE_EPOCH. */
interface EpochSettings {
  readonly dockerfile: Dockerfile;
  readonly buildArgs: Map<string, string>;
  readonly globalScope: Scope;
  readonly contexts: NamedContexts;
  readonly platform: string;
  readonly world: PlanLookups | undefined;
}

/**
 * Resolves SOURCE_DATE_EPOCH to seconds since 1970. Its value is a number, or the name of a stage with only one remote ADD,
 * and means the time of that download. Contexts have no time. Replaces the build argument by the number, or removes it
 * if there is none.
 * @throws {DockerfileError} for any other value.
 */
export async function resolveEpoch(settings: EpochSettings): Promise<number | undefined> {
  const { buildArgs, globalScope } = settings;
  const value = buildArgs.get(name) ?? globalScope.get(name);
  if (value === undefined || (value === "" && !buildArgs.has(name))) return undefined;
  const epoch = await readEpoch(value, settings);
  for (const scope of [buildArgs, globalScope]) {
    if (!scope.has(name)) continue;
    if (epoch === undefined) scope.delete(name);
    else scope.set(name, String(epoch));
  }
  return epoch;
}

async function readEpoch(value: string, settings: EpochSettings): Promise<number | undefined> {
  if (value === "" || value === "context") return undefined;
  if (/^[-+]?[0-9]{1,15}$/.test(value) && Number(value) <= MAX_EPOCH) return Number(value);
  const { dockerfile, contexts, platform, world } = settings;
  if (attachLines(nowhere, () => contexts.find(value, platform)) !== undefined) return undefined;
  const stage = dockerfile.stages.find(({ from }) => from.name === value.toLowerCase());
  if (stage === undefined) {
    throw new PlanFault("plan/invalid-epoch", `invalid SOURCE_DATE_EPOCH: ${value}`).at(nowhere);
  }
  const source = attachLines(stage.from.lines, () => sourceOf(stage, settings));
  return world?.modifiedAt?.(source);
}

/** The remote source of a stage that has only this ADD. @throws {PlanFault} for any other stage */
function sourceOf(stage: Stage, settings: EpochSettings): HttpSource | GitSource {
  const { dockerfile, buildArgs, globalScope } = settings;
  const scope = globalScope.copy();
  scope.delete(name);
  const expand = (word: string): string => expandWord(word, scope, { escape: dockerfile.escape }).value;
  if (expand(stage.from.base) !== "scratch") throw fault("must use FROM scratch");
  let found: AddInstruction | undefined;
  let source: HttpSource | GitSource | undefined;
  for (const instruction of stage.instructions) {
    if (instruction.kind === "ARG") {
      for (const { key, value } of instruction.args) {
        const given = buildArgs.get(key) ?? (value === undefined ? undefined : expand(value));
        if (given !== undefined) scope.set(key, given);
      }
    } else if (instruction.kind === "ADD") {
      if (found !== undefined) throw fault("must contain exactly one remote ADD");
      found = instruction;
      source = remoteOf(instruction, expand);
    } else {
      throw fault(`does not meet source-only requirements: unsupported ${instruction.keyword} instruction`);
    }
  }
  if (source === undefined) throw fault("must contain exactly one remote ADD");
  return source;
}

function remoteOf(instruction: AddInstruction, expand: (word: string) => string): HttpSource | GitSource {
  const [path] = instruction.sources;
  if (path === undefined || instruction.sources.length > 1 || instruction.heredocs.length > 0) {
    throw fault("must contain exactly one remote ADD source");
  }
  const checksum = instruction.checksum && expand(instruction.checksum);
  const source = remoteSource(expand(path), { ...instruction, ...(checksum && { checksum }) });
  if (source === undefined) throw fault("source must be a single HTTP(S) or Git ADD");
  return source;
}

function fault(requirement: string): PlanFault {
  return new PlanFault("plan/invalid-epoch", `SOURCE_DATE_EPOCH stage ${requirement}`);
}
