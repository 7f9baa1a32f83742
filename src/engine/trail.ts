import type { CacheStore } from "../store/cache-store.ts";
import type { VariableUse } from "./plan/step.ts";
import type { LayerRecord } from "./step-cache.ts";
import type { StepParts } from "./step-key.ts";

/** A step of an earlier build, as far as it explains the next one. */
export interface TrailStep {
  stage: string;
  /** The instruction after expansion. */
  instruction: string;
  parts: StepParts;
  variables: readonly VariableUse[];
  /** Its layer, where one is known. */
  layer?: LayerRecord | undefined;
}

/** The steps of the last build of an image. */
export interface Trail {
  steps: readonly TrailStep[];
}

/** Longest key that KV takes, in bytes. */
const longestKey = 512;

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

function trailKey(image: string, platform: string): string {
  return `trail/${image}/${platform}`.slice(0, longestKey);
}

/**
 * The step of a trail that became this one: in the same stage, the one with the same instruction, or else the one at
 * the same place.
 */
export function ancestorOf(
  trail: Trail | undefined,
  stage: string,
  instruction: string,
  place: number,
): TrailStep | undefined {
  const ofStage = trail?.steps.filter((step) => step.stage === stage) ?? [];
  return ofStage.find((step) => step.instruction === instruction) ?? ofStage[place];
}
