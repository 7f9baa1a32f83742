import type { PlanResult, PlanStep } from "../../../schemas/plan.ts";
import { ServiceError } from "../../client/service.ts";
import { listingDigest } from "../../context/listing.ts";
import { tokenize, type WrittenInstruction } from "../editor/tokens.ts";
import { type ProjectContext, readContext } from "../project/context.ts";
import type { ProjectInputs } from "../project/project.ts";
import type { SelectedPath } from "../project/selection.ts";
import { move } from "./move.ts";
import { planContext } from "./planning.ts";

/** A possible place of an instruction, and its effect. */
export interface MovedPlace {
  /** The instruction above the place; undefined for the current place. */
  below: { line: number; instruction: string } | undefined;
  dockerfile: string;
  /** Names of the steps that run again when the file changes; undefined when the Dockerfile cannot be planned. */
  rerun: readonly string[] | undefined;
}

export interface WhatIfResult {
  /** The file whose change is simulated. */
  file: string;
  /** All places; the first is the current one. */
  places: MovedPlace[];
}

/**
 * Computes which steps would run again after a change of a file that an instruction reads, for every place of the
 * instruction in its stage. For each place, plans with the current file and with a changed one, and compares the cache
 * keys. Undefined when the instruction reads no file of the context.
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
  const other = withOtherContents(context, file);
  const places: MovedPlace[] = [];
  for (const { below, dockerfile } of candidates(inputs.dockerfile, line)) {
    const moved = { ...inputs, dockerfile };
    places.push({ below, dockerfile, rerun: await stepsToRerun(moved, context, other) });
  }
  return { file, places };
}

function stepAt(plan: PlanResult, line: number): PlanStep | undefined {
  return plan.platforms[0]?.steps.find(({ range }) => range.line === line);
}

/** Returns the same context with a different digest of one file. */
function withOtherContents(context: ProjectContext, file: string): Pick<ProjectContext, "nodes" | "digest"> {
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
  context: Pick<ProjectContext, "nodes" | "digest">,
  other: Pick<ProjectContext, "nodes" | "digest">,
): Promise<string[] | undefined> {
  try {
    const [before, after] = await Promise.all([planContext(inputs, context), planContext(inputs, other)]);
    if (before.problem !== undefined) return undefined;
    const keys = before.platforms[0]?.steps.map(({ key }) => key?.id);
    // A step without a cache key depends on an earlier result that is not known yet, so it is not counted.
    return after.platforms[0]?.steps
      .filter(({ key }, index) => key !== undefined && key.id !== keys?.[index])
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** Yields the Dockerfile with the instruction at every place of its stage; the first is the current one. */
function* candidates(text: string, line: number): Generator<Pick<MovedPlace, "below" | "dockerfile">> {
  yield { below: undefined, dockerfile: text };
  const { instructions } = tokenize(text);
  const place = instructions.findIndex(({ start }) => start === line);
  const moved = instructions[place];
  if (moved === undefined) return;
  const first = instructions.findLastIndex(({ keyword }, index) => index <= place && keyword === "FROM");
  for (let index = first; index < instructions.length; index++) {
    const other = instructions[index] as WrittenInstruction;
    if (index > first && other.keyword === "FROM") return;
    if (index === place || index === place - 1) continue;
    const instruction = (text.slice(other.from, other.to).split("\n")[0] as string).trim();
    yield { below: { line: other.start, instruction }, dockerfile: move(text, moved, other) };
  }
}
