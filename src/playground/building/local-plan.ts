import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import { readDockerfile } from "../../dockerfile/instructions.ts";
import { BuildError } from "../../engine/errors.ts";
import { plan } from "../../engine/plan/evaluate.ts";
import type { ProjectInputs } from "../project/project.ts";

/** A plan that the page computes without the server. */
export interface LocalPlan {
  /** Stages in file order, with the lines of their FROM. */
  stages: { name: string | undefined; lines: LineRange; needed: boolean }[];
  steps: { name: string; stage: string; lines: LineRange }[];
}

/** Plans without images, files and the build cache; undefined when the Dockerfile has an error. */
export async function computeLocalPlan({
  dockerfile,
  options,
}: ProjectInputs): Promise<LocalPlan | undefined> {
  try {
    const read = readDockerfile(dockerfile);
    const { target, buildArgs } = options;
    const { stages, steps } = await plan(read, { buildArgs, target: target || undefined });
    const needed = new Set(stages.map(({ lines }) => lines.start));
    return {
      stages: read.dockerfile.stages.map(({ from }) => ({
        name: from.name,
        lines: from.lines,
        needed: needed.has(from.lines.start),
      })),
      steps: steps.map(({ description }) => ({
        name: description.name,
        stage: stages[description.stage]?.name ?? "",
        lines: description.lines,
      })),
    };
  } catch (error) {
    if (error instanceof DockerfileError || error instanceof BuildError) return undefined;
    throw error;
  }
}
