import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import { readDockerfile } from "../../dockerfile/instructions.ts";
import { BuildError } from "../../engine/errors.ts";
import { plan } from "../../engine/plan/evaluate.ts";
import type { ProjectInputs } from "../project/project.ts";

/** Lines of a Dockerfile, 1-based, inclusive. */
interface Lines {
  start: number;
  end: number;
}

/** A plan that the page makes without the server. */
export interface LocalPlan {
  /** Stages in file order, with the lines of their FROM. */
  stages: { name: string | undefined; lines: Lines; needed: boolean }[];
  steps: { name: string; stage: string; lines: Lines }[];
}

/** Plans without knowledge of images, files or the build cache; undefined for a text that cannot be planned. */
export async function localPlan({ dockerfile, options }: ProjectInputs): Promise<LocalPlan | undefined> {
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
