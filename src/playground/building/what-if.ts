import type { PlanResult, PlanStep } from "../../../schemas/plan.ts";
import { ServiceError } from "../../client/service.ts";
import { listingDigest } from "../../context/listing.ts";
import { tokenize, type WrittenInstruction } from "../editor/tokens.ts";
import { type ProjectContext, readContext } from "../project/context.ts";
import type { ProjectInputs } from "../project/project.ts";
import type { SelectedPath } from "../project/selection.ts";
import { moveInstruction } from "./move.ts";
import { type ContextListing, planContext } from "./planning.ts";

/** A possible position of an instruction. */
export interface MoveOption {
  /** The instruction above; undefined for the current position. */
  below: { line: number; instruction: string } | undefined;
  dockerfile: string;
  /** Names of the steps that run again when the file changes; undefined when this Dockerfile cannot be planned. */
  rerun: readonly string[] | undefined;
}

export interface WhatIfResult {
  /** The file whose change is simulated. */
  file: string;
  /** The current position comes first. */
  options: MoveOption[];
}

/**
 * Simulates a change of a file that an instruction reads, for each possible position of the instruction in its stage: a
 * step would run again when its cache key differs between a plan with the current file and one with a changed file.
 * @param line line of the instruction
 * @returns undefined when the instruction reads no file of the context
 */
export async function whatIf(
  inputs: ProjectInputs,
  selected: readonly SelectedPath[],
  line: number,
): Promise<WhatIfResult | undefined> {
  const context = await readContext(inputs.files, selected);
  const now = await planContext(inputs, context);
  const file = stepAt(now, line)?.sources.find(({ kind, paths }) => kind === "context" && paths?.length)
    ?.paths?.[0];
  if (file === undefined) return undefined;
  const changed = withChangedFile(context, file);
  const options: MoveOption[] = [];
  for (const { below, dockerfile } of possibleMoves(inputs.dockerfile, line)) {
    const moved = { ...inputs, dockerfile };
    options.push({ below, dockerfile, rerun: await stepsToRerun(moved, context, changed) });
  }
  return { file, options };
}

function stepAt(plan: PlanResult, line: number): PlanStep | undefined {
  return plan.platforms[0]?.steps.find(({ range }) => range.line === line);
}

/** Returns a copy of the context in which one file has another digest. */
function withChangedFile(context: ProjectContext, file: string): ContextListing {
  const nodes = context.nodes.map((node) =>
    node.path === file && node.digest !== undefined ? { ...node, digest: otherDigest(node.digest) } : node,
  );
  return { nodes, digest: listingDigest({ walk: () => nodes }) };
}

function otherDigest(digest: string): string {
  const last = digest.at(-1) === "0" ? "1" : "0";
  return digest.slice(0, -1) + last;
}

async function stepsToRerun(
  inputs: ProjectInputs,
  context: ContextListing,
  changed: ContextListing,
): Promise<string[] | undefined> {
  try {
    const [before, after] = await Promise.all([planContext(inputs, context), planContext(inputs, changed)]);
    if (before.problem !== undefined) return undefined;
    const keys = before.platforms[0]?.steps.map(({ key }) => key?.id);
    // A step without a cache key depends on an earlier result that is not known yet: it is not counted.
    return after.platforms[0]?.steps
      .filter(({ key }, index) => key !== undefined && key.id !== keys?.[index])
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** Yields the Dockerfile with the instruction at each position in its stage, the current one first. */
function* possibleMoves(text: string, line: number): Generator<Pick<MoveOption, "below" | "dockerfile">> {
  yield { below: undefined, dockerfile: text };
  const { instructions } = tokenize(text);
  const position = instructions.findIndex(({ start }) => start === line);
  const moved = instructions[position];
  if (moved === undefined) return;
  const first = instructions.findLastIndex(({ keyword }, index) => index <= position && keyword === "FROM");
  for (let index = first; index < instructions.length; index++) {
    const other = instructions[index] as WrittenInstruction;
    if (index > first && other.keyword === "FROM") return;
    if (index === position || index === position - 1) continue;
    const instruction = (text.slice(other.from, other.to).split("\n")[0] as string).trim();
    yield { below: { line: other.start, instruction }, dockerfile: moveInstruction(text, moved, other) };
  }
}
