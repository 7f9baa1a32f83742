import type { PlanStep } from "../../../schemas/plan.ts";
import { chainId, nextChainId } from "../../oci/chain-id.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import type { BuildError } from "../errors.ts";
import { explainExecution } from "../explain/differences.ts";
import { dependsOn } from "../explain/reasons.ts";
import { lastVersionOf, type Trail } from "../explain/trail.ts";
import { selectionBudget } from "../keys/selections.ts";
import { type LayerSettings, stepKey } from "../keys/step-key.ts";
import { ignoresParent } from "../keys/step-keys.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { type FileState, inputsOf, type Step } from "../plan/step.ts";
import { neededSteps, stepsOf } from "../solve/needed-steps.ts";
import { imageLayerIdentity, type LayerRecord, layerIdentity, type StepCache } from "../solve/step-cache.ts";
import type { World } from "../world.ts";
import { type KeyPreview, previewKeys } from "./key-previews.ts";
import type { PreviewContexts } from "./preview-context.ts";
import { previewSources } from "./source-preview.ts";

interface StepPreviewOptions {
  plan: BuildPlan;
  /** Images of the plan, in its order; undefined for those that are not stored here. */
  images: readonly (ResolvedImage | undefined)[];
  contexts: PreviewContexts;
  world: World;
  cache: StepCache;
  settings: LayerSettings;
  /** Prefix of step ids, which separates several platforms. */
  prefix: string;
  /** Stages whose steps execute regardless of the build cache. */
  uncached: ReadonlySet<string>;
  trail: Trail | undefined;
}

/** A step without its position in the Dockerfile. */
export type PreviewedStep = Omit<PlanStep, "range">;

type StepState = Pick<PlanStep, "state" | "why" | "differences">;

const notNeeded: StepState = {
  state: "not needed",
  why: "The result does not depend on it, or only through a cached step.",
  differences: [],
};
const hit: StepState = { state: "hit", why: "The step and its inputs have not changed.", differences: [] };

/** Predicts the state of each step. Reads only the build cache. */
export async function previewSteps(
  options: StepPreviewOptions,
): Promise<{ steps: PreviewedStep[]; error: BuildError | undefined }> {
  const { plan, contexts, prefix } = options;
  const budget = selectionBudget();
  const ids = idsOf(plan, prefix);
  const keys = await previewKeys({ ...options, idOf: ({ index }) => ids[index] as string });
  const found = await findLayers(options, keys);
  const needed = neededSteps(plan, (index) => found.has(index));
  const steps: PreviewedStep[] = [];
  for (const step of plan.steps) {
    const { index, definition, description } = step;
    const key = keys[index] as KeyPreview;
    const layer = found.get(index)?.layer;
    const state = await predictState(options, keys, found, needed, step);
    steps.push({
      id: key.info.id,
      name: description.name,
      stage: key.info.stage,
      platform: key.info.platform,
      lines: description.lines,
      kind: definition.kind,
      instruction: description.createdBy,
      stageIndex: plan.stages[description.stage]?.index ?? 0,
      ...state,
      ...(layer !== undefined && state.state === "hit" && { layer }),
      ...(key.keyed && {
        key: { id: key.keyed.key, ...key.keyed.parts, sources: [...key.keyed.parts.sources] },
      }),
      sources: await previewSources(plan, definition, contexts, budget),
    });
  }
  return { steps, error: keys.find(({ error }) => error !== undefined)?.error };
}

async function predictState(
  { plan, world, trail }: StepPreviewOptions,
  keys: readonly KeyPreview[],
  found: ReadonlyMap<number, LayerRecord>,
  needed: ReadonlySet<number>,
  step: Step,
): Promise<StepState> {
  if (!needed.has(step.index)) return notNeeded;
  if (found.has(step.index)) return hit;
  const { keyed, unknown } = keys[step.index] as KeyPreview;
  if (keyed === undefined) return { state: "unknown", why: unknown ?? "", differences: [] };
  const pending = pendingInput(step, found);
  const explained = await explainExecution(world.store, trail, lastVersionOf(trail, plan, step), keyed);
  if (pending === undefined) return { state: "miss", ...explained };
  const name = plan.steps[pending]?.description.name ?? "";
  return {
    state: "unknown",
    why: dependsOn(name),
    differences: explained.differences,
  };
}

/** The first input of a step that is not cached and must execute before it. */
function pendingInput({ definition }: Step, found: ReadonlyMap<number, LayerRecord>): number | undefined {
  const inputs = inputsOf(definition).slice(ignoresParent(definition) ? 1 : 0);
  for (const state of inputs) if (state.kind === "step" && !found.has(state.step)) return state.step;
  return undefined;
}

/** Finds the layers of cached steps: by definition or, on a known tree, by the files they read. */
async function findLayers(
  { plan, cache, images, uncached }: StepPreviewOptions,
  keys: readonly KeyPreview[],
): Promise<Map<number, LayerRecord>> {
  const fresh = stepsOf(plan, uncached);
  const queried = keys.flatMap(({ keyed, mayLookUp }) => (keyed && mayLookUp ? keyed : []));
  const byKey = await cache.find(queried.filter(({ step }) => !fresh.has(step.index)).map(({ key }) => key));
  const found = new Map<number, LayerRecord>();
  for (const { key, step } of queried) {
    const record = byKey.get(key);
    if (record !== undefined) found.set(step.index, record);
  }
  const chains = new Map<string, string>();
  /** Chain ID of a known tree; "" for an empty one. */
  const chainOf = (state: FileState): string | undefined => {
    if (state.kind !== "image" && state.kind !== "step") return state.kind === "scratch" ? "" : undefined;
    const name = state.kind === "image" ? `image ${state.image}` : `step ${state.step}`;
    let chain = chains.get(name);
    if (chain === undefined && state.kind === "image") {
      const image = images[state.image];
      chain = image && (chainId(image.manifest.layers.map(imageLayerIdentity)) ?? "");
    } else if (chain === undefined && state.kind === "step") {
      const record = found.get(state.step);
      const below = record && chainOf((plan.steps[state.step] as Step).definition.parent);
      chain =
        record && below !== undefined ? nextChainId(below || undefined, layerIdentity(record)) : undefined;
    }
    if (chain !== undefined) chains.set(name, chain);
    return chain;
  };
  for (const keyed of queried) {
    const { step, parts, sources } = keyed;
    if (found.has(step.index) || fresh.has(step.index)) continue;
    const parent = ignoresParent(step.definition) ? "" : chainOf(step.definition.parent);
    // The keys of other trees need files that the build cache does not have.
    const readsTrees = sources.some((source) => source.kind === "files" && source.from.kind !== "context");
    if (parent === undefined || readsTrees) continue;
    const resultKey = stepKey({
      ...parts,
      parent: ignoresParent(step.definition) ? "" : parent || "scratch",
    });
    const same = (await cache.find([resultKey])).get(resultKey);
    if (same !== undefined) found.set(step.index, same);
  }
  return found;
}

/** Step ids as in the events of a build, which count only steps of needed stages. */
function idsOf({ steps, stages, graph }: BuildPlan, prefix: string): string[] {
  let count = 0;
  let unused = 0;
  return steps.map(({ description }) => {
    const stage = stages[description.stage]?.index ?? 0;
    return graph.stages[stage]?.needed ? `${prefix}${count++}` : `${prefix}unused-${unused++}`;
  });
}
