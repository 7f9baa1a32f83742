import type { StepInfo } from "../../../schemas/events.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import { type BuildContexts, contextOf } from "../contexts.ts";
import { BuildError } from "../errors.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import { StepKeys, withStepLines } from "../keys/step-keys.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { inputsOf } from "../plan/step.ts";
import { imageStep } from "./base-images.ts";
import { type Remotes, remoteKey } from "./sources.ts";

/** One platform of a build with validated inputs. */
export interface PreparedPlatform {
  plan: BuildPlan;
  /** Images of the plan, in its order. */
  images: readonly ResolvedImage[];
  settings: LayerSettings;
  keys: StepKeys;
  /** Prefix of step ids, when there are several platforms. */
  prefix: string;
}

interface PrepareOptions {
  plan: BuildPlan;
  images: readonly ResolvedImage[];
  contexts: BuildContexts;
  remotes: Remotes;
  settings: LayerSettings;
  prefix: string;
  /** Whether runners can execute RUN. */
  canRun: boolean;
}

/**
 * Finds every source in the contexts, so that a build with a missing one fails before it starts.
 * @throws {BuildError} with the lines of the step
 */
export async function preparePlatform(options: PrepareOptions): Promise<PreparedPlatform> {
  const { plan, images, contexts, remotes, settings, prefix, canRun } = options;
  const inputs = {
    imageDigest: (index: number) => images[index]?.manifestDigest ?? "",
    context: (name: string | undefined) => contextOf(contexts, name),
    remoteKey: remoteKey.bind(undefined, remotes),
  };
  const keys = new StepKeys({ plan, inputs, settings, idOf: ({ index }) => `${prefix}${index}` });
  for (const step of plan.steps) {
    if (step.definition.kind === "run" && !canRun) await withStepLines(step, rejectRun);
  }
  await keys.selectAll();
  return { plan, images, settings, keys, prefix };
}

async function rejectRun(): Promise<never> {
  throw new BuildError("run-unsupported", "Cannot execute RUN: no runner is connected to this server", {
    hint: "Build without RUN, or copy the result of the command into the context.",
  });
}

/** The steps of a platform as in events, images first. */
export function stepInfos({ plan, keys, prefix }: PreparedPlatform): StepInfo[] {
  const platform = formatPlatform(plan.platform);
  const images = plan.images.map(({ name, lines }, index) => {
    return { id: imageStep(prefix, index), name, stage: "", platform, lines, inputs: [] };
  });
  const steps = plan.steps.map(({ definition, index }) => {
    const inputs = inputsOf(definition).flatMap((state) => {
      if (state.kind === "image") return imageStep(prefix, state.image);
      return state.kind === "step" ? (keys.infos[state.step] as StepInfo).id : [];
    });
    return { ...(keys.infos[index] as StepInfo), inputs: [...new Set(inputs)] };
  });
  return [...images, ...steps];
}
