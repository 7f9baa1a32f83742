import type { CacheStore } from "../../store/cache-store.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { StepParts } from "../keys/step-key.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { Step, VariableUse } from "../plan/step.ts";
import type { LayerRecord } from "../solve/step-cache.ts";

/** A step of the last build, for comparison with the next one. */
export interface TrailStep {
  stage: string;
  /** The instruction after expansion. */
  instruction: string;
  parts: Pick<StepParts, "parent" | "sources" | "settings">;
  variables: readonly VariableUse[];
  /** Its layer, when known. */
  layer?: LayerRecord | undefined;
}

/** The steps of the last build of an image. Each build is compared with it, and then replaces it. */
export interface Trail {
  steps: readonly TrailStep[];
}

/** Reads the trail of an image for a platform; undefined when there is none. */
export async function readTrail(
  cache: CacheStore,
  image: string,
  platform: string,
): Promise<Trail | undefined> {
  const key = trailKey(image, platform);
  return (await cache.get<Trail>([key])).get(key);
}

export async function writeTrail(
  cache: CacheStore,
  image: string,
  platform: string,
  trail: Trail,
): Promise<void> {
  await cache.put(new Map([[trailKey(image, platform), trail]]));
}

/** A hash, because names of images and platforms both have slashes: `app` for `linux/arm/v7` is not `app/linux` for `arm/v7`. */
function trailKey(image: string, platform: string): string {
  return `trail/${sha256Hex(JSON.stringify([image, platform]))}`;
}

/**
 * The corresponding step of the last build: in the same stage, the step with the same instruction, or else the one at
 * the same position.
 */
export function lastVersionOf(
  trail: Trail | undefined,
  { steps, stages }: Pick<BuildPlan, "steps" | "stages">,
  { index, description }: Step,
): TrailStep | undefined {
  const { stage, createdBy } = description;
  const name = stages[stage]?.name ?? "";
  const ofStage = trail?.steps.filter((step) => step.stage === name) ?? [];
  const same = ofStage.find((step) => step.instruction === createdBy);
  return (
    same ?? ofStage[steps.filter((step) => step.index < index && step.description.stage === stage).length]
  );
}
