import { readFields } from "../../dockerfile/csv.ts";
import { ExpandError, expandWord, type References, type Variables } from "../../dockerfile/expand.ts";
import type { Dockerfile, Stage, StageInstruction } from "../../dockerfile/instruction.ts";
import type { Linter } from "../../dockerfile/lint/linter.ts";
import { quoteGo } from "../../dockerfile/quote.ts";
import { suggest } from "../../dockerfile/suggest.ts";
import { InvalidPlatformError, type Platform, parsePlatform } from "../../oci/platform.ts";
import { InvalidReferenceError, parseReference } from "../../oci/reference.ts";
import type { PlanBudget } from "./budget.ts";
import type { GlobalArgs } from "./global-args.ts";
import { limits } from "./limits.ts";
import type { NamedContexts } from "./named-context.ts";
import { attachLines, PlanFault } from "./plan-error.ts";
import { formatWithOsOptions } from "./platform-text.ts";
import { addCommands, type Command, rejectCycles, StageGraph, type StageNode } from "./stage-graph.ts";

/** Settings for evaluating FROM instructions. */
interface FromSettings {
  readonly escape: string;
  readonly globals: GlobalArgs;
  readonly targetPlatform: Platform;
  readonly contexts: NamedContexts;
  readonly budget: PlanBudget;
  readonly linter: Linter;
}

/**
 * Evaluates the FROM instructions and links the stages.
 * @throws {DockerfileError} for an invalid base or platform, an unknown stage index, or a cycle.
 */
export function buildGraph(dockerfile: Dockerfile, settings: FromSettings): StageGraph {
  const graph = new StageGraph();
  const excess = dockerfile.stages[limits.stages];
  if (excess !== undefined) {
    throw new PlanFault("plan/too-large", `The Dockerfile has more than ${limits.stages} stages`).at(
      excess.from.lines,
    );
  }
  for (const [index, stage] of dockerfile.stages.entries()) {
    graph.add(attachLines(stage.from.lines, () => readFrom(stage, index, graph, settings)));
  }
  return graph;
}

/**
 * Links each stage to the stages and images that it reads.
 * @throws {DockerfileError} for an unknown stage index, a variable in `--from`, or a cycle.
 */
export function linkCommands(graph: StageGraph, escapeCharacter: string): void {
  for (const node of graph.stages) {
    addCommands(
      node,
      (node.stage?.instructions ?? []).map((instruction) =>
        commandOf(instruction, graph, escapeCharacter, false),
      ),
      "last",
    );
  }
  rejectCycles(graph);
  const [first, second] = graph.stages;
  if (first !== undefined && second === undefined && first.commands.every(isAlone)) first.displayName = "";
}

/**
 * An instruction with the sources it reads.
 * @throws {DockerfileError} for an invalid `--from`.
 */
export function commandOf(
  instruction: StageInstruction,
  graph: StageGraph,
  escapeCharacter: string,
  isTrigger: boolean,
): Command {
  const { lines } = instruction;
  return attachLines(lines, (): Command => {
    const command = { instruction, lines, isTrigger };
    if (instruction.kind === "RUN") {
      const names = instruction.mounts.map(mountOrigin);
      return {
        ...command,
        sources: names.map((name) => (name ? graph.source(name, lines, false) : undefined)),
      };
    }
    if (instruction.kind !== "COPY" || !instruction.from) return { ...command, sources: [] };
    rejectExpansion(instruction.from, escapeCharacter);
    return { ...command, sources: [graph.source(instruction.from, lines, true)] };
  });
}

/** Whether a command leaves the only stage of a Dockerfile unnamed. BuildKit counts a mount as a second stage. */
function isAlone({ instruction, sources }: Command): boolean {
  return instruction.kind === "RUN" ? instruction.mounts.length === 0 : sources.length === 0;
}

/** The value of `from` in a `--mount`: the only field whose variables are not expanded. */
function mountOrigin(text: string): string | undefined {
  const fields = readFields(text, "parse/mount", "mounts");
  const from = fields.findLast((field) => /^from=/i.test(field));
  return from?.slice("from=".length);
}

const noVariables: Variables = { get: () => undefined, names: () => [] };

function rejectExpansion(from: string, escapeCharacter: string): void {
  if (expandWord(from, noVariables, { escape: escapeCharacter }).value === from) return;
  const message =
    "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround";
  throw new PlanFault("plan/from-expansion", message).about(from);
}

function readFrom(stage: Stage, index: number, graph: StageGraph, settings: FromSettings): StageNode {
  const { from } = stage;
  const { escape: escapeCharacter, globals, contexts } = settings;
  const linter = settings.linter.above(from.comments);
  const base = expandWord(from.base, globals.scope, { escape: escapeCharacter });
  reportUndeclared(base, stage, globals, linter);
  const baseName = settings.budget.value(base.value);
  if (baseName === "") {
    throw new PlanFault("plan/blank-base", `base name (${from.base}) should not be blank`).about(from.base);
  }
  const platform =
    from.platform === undefined ? undefined : readPlatform(stage, from.platform, settings, linter);
  const replacement =
    from.name && contexts.find(from.name, formatWithOsOptions(platform ?? settings.targetPlatform));
  const parent = replacement ? undefined : graph.find(baseName, true);
  if (!replacement && parent === undefined && baseName !== "scratch") checkReference(baseName);
  return {
    stage,
    index,
    baseName,
    lines: from.lines,
    displayName: from.name ?? `stage-${index}`,
    platform,
    base: parent,
    replacement: replacement || undefined,
    commands: [],
    dependencies: new Map(),
  };
}

/**
 * Checks that a base is a valid image name.
 * @throws {PlanFault} with the reason.
 */
export function checkReference(name: string): void {
  try {
    parseReference(name);
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new PlanFault(
      "plan/invalid-reference",
      `failed to parse stage name ${quoteGo(name)}: ${error.message}`,
    ).about(name);
  }
}

function reportUndeclared(
  names: References,
  { from }: Stage,
  { scope, declared }: GlobalArgs,
  linter: Linter,
): void {
  for (const name of names.unmatched) {
    if (declared.has(name) || linter.diagnostics.length >= limits.findings) continue;
    const known = scope.size > limits.suggestions ? [] : [...declared, ...scope.names()];
    linter.warn("UndefinedArgInFrom", from.lines, name, suggest(name, known));
  }
}

function readPlatform({ from }: Stage, text: string, settings: FromSettings, linter: Linter): Platform {
  const { globals, escape: escapeCharacter } = settings;
  const names = expandWord(text, globals.scope, { escape: escapeCharacter });
  reportUndeclared(names, { from, instructions: [] }, globals, linter);
  lintPlatform(text, names, { from, instructions: [] }, globals, linter);
  const suggestion = [...names.unmatched]
    .map((name) => suggest(name, globals.scope.names()))
    .find((candidate) => candidate !== undefined);
  if (names.value === "") {
    throw new PlanFault(
      "plan/invalid-platform",
      `empty platform value from expression ${text}`,
      suggestion,
    ).about(text);
  }
  try {
    return parsePlatform(names.value);
  } catch (error) {
    if (!(error instanceof InvalidPlatformError)) throw error;
    throw new PlanFault(
      "plan/invalid-platform",
      `failed to parse platform ${text}: ${error.message}`,
      suggestion,
    ).about(text);
  }
}

function lintPlatform(
  text: string,
  { value, matched, unmatched }: References & { value: string },
  { from }: Stage,
  { scope }: GlobalArgs,
  linter: Linter,
): void {
  if (unmatched.size > 0) return;
  if (matched.size === 1 && matched.has("TARGETPLATFORM") && value === scope.get("TARGETPLATFORM")) {
    linter.warn("RedundantTargetPlatform", from.lines, text);
  }
  if (matched.size > 0) return;
  const platform = tryParsePlatform(value);
  const name = from.name ?? "";
  if (platform === undefined || name.includes(platform.os) || name.includes(platform.architecture)) return;
  linter.warn("FromPlatformFlagConstDisallowed", from.lines, value);
}

function tryParsePlatform(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (error instanceof InvalidPlatformError) return undefined;
    throw error;
  }
}

/** Warns about bases that are invalid without a build argument. */
export function lintDefaultBases(dockerfile: Dockerfile, defaults: GlobalArgs, linter: Linter): void {
  for (const { from } of dockerfile.stages) {
    try {
      parseReference(expandWord(from.base, defaults.scope, { escape: dockerfile.escape }).value);
    } catch (error) {
      // Resolving the base reports the same error.
      if (error instanceof ExpandError) return;
      if (!(error instanceof InvalidReferenceError)) throw error;
      linter.warn("InvalidDefaultArgInFrom", from.lines, from.base);
    }
  }
}
