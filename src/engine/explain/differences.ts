import type { Difference } from "../../../schemas/events.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { spend } from "../../streams/turns.ts";
import { loadSelection, type SelectionLine } from "../keys/selections.ts";
import type { KeyedStep } from "../keys/step-keys.ts";
import type { Step, VariableUse } from "../plan/step.ts";
import { reasons } from "./reasons.ts";
import type { Trail, TrailStep } from "./trail.ts";

/** Maximum number of differences in a sentence. */
const MAX_NAMED = 3;

/**
 * The reason why a step was executed, in one sentence.
 * @param isStored whether the last build stored the result
 */
function sentenceOf(differences: readonly Difference[], isStored: boolean): string {
  const first = differences[0];
  if (first === undefined) return isStored ? reasons.forgotten : reasons.notStored;
  const alike = differences.filter(({ part }) => part === first.part);
  const rest = alike.length > MAX_NAMED ? ` and ${alike.length - MAX_NAMED} more` : "";
  return `${alike.slice(0, MAX_NAMED).map(phraseOf).join(", ")}${rest}.`;
}

function phraseOf({ part, name, before, after }: Difference): string {
  switch (part) {
    case "file":
      if (before === undefined) return `"${name}" was added`;
      return after === undefined ? `"${name}" was removed` : `"${name}" changed`;
    case "argument":
      return `The argument ${name} changed from "${before}" to "${after}"`;
    case "environment":
      return `The variable ${name} changed from "${before}" to "${after}"`;
    case "instruction":
      return `The instruction changed from "${before}" to "${after}"`;
    case "parent":
      return `The step before it, ${name}, changed`;
    case "base":
      return `The base image "${name}" changed from ${before} to ${after}`;
    case "step":
      return `The files that it copies from "${name}" changed`;
    case "download":
      return `The contents of "${name}" changed`;
    case "option":
      return `The layer settings changed from "${before}" to "${after}"`;
    default:
      return `${name ?? part} changed`;
  }
}

/** Cost of comparing a line. */
const LINE = 4096;
/** Maximum number of listed differences. */
const MAX_LISTED = 100;

/** Compares a step with the same step of the last build. */
export async function explainExecution(
  store: ObjectStore,
  trail: Trail | undefined,
  before: TrailStep | undefined,
  after: KeyedStep,
): Promise<{ why: string; differences: Difference[] }> {
  if (trail === undefined) return { why: reasons.firstBuild, differences: [] };
  if (before === undefined) return { why: reasons.newStep, differences: [] };
  const differences = partDifferences(before, after);
  for (const selection of after.selections) {
    const place = after.parts.sources.indexOf(selection.digest);
    const digest = before.parts.sources[place];
    if (digest === undefined || digest === selection.digest) continue;
    const earlier = await loadSelection(store, digest);
    if (earlier === undefined) continue;
    differences.push(...(await fileDifferences(earlier, selection.lines())));
  }
  return {
    why: sentenceOf(differences, before.layer !== undefined),
    differences: differences.slice(0, MAX_LISTED),
  };
}

function partDifferences(
  before: TrailStep,
  { step, parts, sourceNames, selections, parentName }: KeyedStep,
): Difference[] {
  const { createdBy: instruction, variables } = step.description;
  const differences = variableDifferences(before.variables, variables);
  if (before.instruction !== instruction) {
    differences.push({ part: "instruction", before: before.instruction, after: instruction });
  }
  const contexts = new Set(selections.map(({ digest }) => digest));
  for (const [index, after] of parts.sources.entries()) {
    const source = before.parts.sources[index];
    if (source === undefined || source === after || contexts.has(after)) continue;
    differences.push({
      part: partOfSource(step, index),
      name: sourceNames[index] ?? "",
      before: source,
      after,
    });
  }
  if (before.parts.parent !== parts.parent) {
    const part = parts.parent.startsWith("sha256:") ? "base" : "parent";
    differences.push({ part, name: parentName, before: before.parts.parent, after: parts.parent });
  }
  if (before.parts.settings !== parts.settings) {
    differences.push({ part: "option", before: before.parts.settings, after: parts.settings });
  }
  return differences;
}

/** Variables whose values changed. Listed first, because they explain why the instruction changed. */
function variableDifferences(before: readonly VariableUse[], after: readonly VariableUse[]): Difference[] {
  return after.flatMap(({ name, value, isArgument }) => {
    const last = before.find((other) => other.name === name);
    if (last === undefined || last.value === value) return [];
    return { part: isArgument ? "argument" : "environment", name, before: last.value, after: value };
  });
}

function partOfSource({ definition }: Step, index: number): string {
  const source = "sources" in definition ? definition.sources[index] : undefined;
  if (source?.kind !== "files") return "download";
  return source.from.kind === "step" ? "step" : "base";
}

/**
 * Files that are in only one of two selections, or differ. Both selections have the same order, so few lines are in memory
 * at a time.
 */
async function fileDifferences(
  before: AsyncIterable<string>,
  after: AsyncIterable<string>,
): Promise<Difference[]> {
  /** Lines without a counterpart so far, by name. */
  const earlier = new Map<string, string>();
  const later = new Map<string, { line: string; at: number }>();
  const found: { difference: Difference; at: number }[] = [];
  const compare = (name: string, last: string | undefined, line: string, at: number) => {
    if (last === line) return;
    const before = last !== undefined && { before: readLine(last).properties };
    found.push({ difference: { part: "file", name, ...before, after: readLine(line).properties }, at });
  };
  const [left, right] = [before[Symbol.asyncIterator](), after[Symbol.asyncIterator]()];
  let [last, next] = await Promise.all([left.next(), right.next()]);
  for (let at = 0; !last.done || !next.done; at++) {
    const turn = spend(2 * LINE);
    if (turn !== undefined) await turn;
    if (!last.done && last.value !== next.value) {
      const { name } = readLine(last.value);
      const counterpart = later.get(name);
      later.delete(name);
      if (counterpart === undefined) earlier.set(name, last.value);
      else compare(name, last.value, counterpart.line, counterpart.at);
    }
    if (!next.done && last.value !== next.value) {
      const { name } = readLine(next.value);
      const counterpart = earlier.get(name);
      earlier.delete(name);
      if (counterpart === undefined) later.set(name, { line: next.value, at });
      else compare(name, counterpart, next.value, at);
    }
    if (!last.done) last = await left.next();
    if (!next.done) next = await right.next();
  }
  for (const [name, { line, at }] of later) compare(name, undefined, line, at);
  const removed = [...earlier].map(([name, line]): Difference => {
    return { part: "file", name, before: readLine(line).properties };
  });
  return [...found.sort((a, b) => a.at - b.at).map(({ difference }) => difference), ...removed];
}

/** The name of a file, and the properties that can differ, for display: `file 0644 sha256:…`. */
function readLine(line: string): { name: string; properties: string } {
  const [name, { type, mode, owner, linkname, digest, device, xattrs }] = JSON.parse(line) as SelectionLine;
  const properties = [
    type,
    mode.toString(8).padStart(4, "0"),
    owner?.join(":"),
    linkname,
    digest,
    device?.join(":"),
    xattrs && JSON.stringify(xattrs),
  ];
  return { name, properties: properties.filter((part) => part !== undefined).join(" ") };
}
