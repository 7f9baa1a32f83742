import type { PlanStep } from "../../../schemas/plan.ts";
import { inTurns, type TurnBudget } from "../../streams/turns.ts";
import { visitInputs } from "../copy/digest-inputs.ts";
import { BuildError } from "../errors.ts";
import { excludesOf } from "../keys/step-keys.ts";
import { sourcesOf } from "../keys/step-sources.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { FilesSource, StepDefinition, TransferSource } from "../plan/step.ts";
import type { PreviewContext, PreviewContexts } from "./preview-context.ts";

type SourcePreview = PlanStep["sources"][number];

/** Maximum number of paths listed for one source. */
const MAX_PATHS = 100;

/** Describes the sources of a step, as far as they are known. */
export async function previewSources(
  plan: BuildPlan,
  definition: StepDefinition,
  contexts: PreviewContexts,
  budget: TurnBudget,
): Promise<SourcePreview[]> {
  const previews: SourcePreview[] = [];
  for (const source of sourcesOf(definition))
    previews.push(await previewSource(plan, source, excludesOf(definition), contexts, budget));
  return previews;
}

async function previewSource(
  { images, steps, stages }: BuildPlan,
  source: TransferSource,
  excludes: readonly string[],
  contexts: PreviewContexts,
  budget: TurnBudget,
): Promise<SourcePreview> {
  if (source.kind === "inline") return { kind: "inline", name: source.name };
  if (source.kind === "http") return { kind: "http", name: source.url };
  if (source.kind === "git") return { kind: "git", name: source.remote };
  const { from, path } = source;
  switch (from.kind) {
    case "image":
      return { kind: "image", name: `${images[from.image]?.reference ?? ""} ${path}` };
    case "step": {
      const stage = stages[steps[from.step]?.description.stage ?? 0]?.name ?? "";
      return { kind: "stage", name: `${stage} ${path}` };
    }
    case "scratch":
      return { kind: "stage", name: `scratch ${path}` };
    case "context": {
      const context = contexts.get(from.name);
      return {
        kind: "context",
        name: path,
        ...(context && (await readFiles(source, excludes, context, budget))),
      };
    }
  }
}

/** The context files that a source selects. Ignores the error of an empty selection, which `previewKeys` reports. */
async function readFiles(
  source: FilesSource,
  excludes: readonly string[],
  { tree }: PreviewContext,
  budget: TurnBudget,
): Promise<Pick<SourcePreview, "files" | "bytes" | "paths">> {
  const { path, parents } = source;
  const paths: string[] = [];
  let files = 0;
  let bytes = 0;
  try {
    const from = { tree, ref: "context", path, keepOwner: false, ...(parents !== undefined && { parents }) };
    const visit = visitInputs(from, excludes, (_, node) => {
      if (node.type === "dir") return;
      files += 1;
      bytes += node.size;
      if (paths.length < MAX_PATHS) paths.push(node.path);
    });
    await inTurns(visit, budget);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
  }
  return { files, bytes, paths };
}
