import { DockerfileError } from "../../../src/dockerfile/diagnostic.ts";
import { readDockerfile } from "../../../src/dockerfile/instructions.ts";
import type { BuildPlan } from "../../../src/engine/plan/build-plan.ts";
import { plan } from "../../../src/engine/plan/evaluate.ts";
import { imageConfig } from "../../../src/engine/plan/image-config.ts";
import type { PlanLookups, PlanOptions } from "../../../src/engine/plan/options.ts";
import type { FileState, Step, StepDefinition } from "../../../src/engine/plan/step.ts";
import type { ContainerConfig, ImageConfig } from "../../../src/oci/config.ts";
import { formatPlatform } from "../../../src/oci/platform.ts";

/** Images by full reference, with the fields of their configs that are not defaults. */
type Images = Record<string, Partial<ImageConfig>>;

/** Plans a Dockerfile when these images exist, each with one layer. */
export function planOf(text: string, options: PlanOptions = {}, images: Images = {}): Promise<BuildPlan> {
  return plan(readDockerfile(text), options, worldOf(images));
}

/** A world that has these images and records which ones are resolved. */
export function worldOf(images: Images, asked: string[] = []): PlanLookups {
  return {
    resolveImage: async (reference, platform) => {
      asked.push(`${reference} ${formatPlatform(platform)}`);
      const config = images[reference];
      if (config === undefined) throw new Error("not found");
      return { digest: digestOf(reference), platform, config: image({ ...platform, ...config }) };
    },
  };
}

/** A digest that is the same for the same text. */
export function digestOf(text: string): string {
  const hex = [...text].map((character) => character.charCodeAt(0).toString(16)).join("");
  return `sha256:${hex.padEnd(64, "0").slice(0, 64)}`;
}

/** An image with one layer. */
export function image(config: Partial<ImageConfig> = {}): ImageConfig {
  return {
    os: "linux",
    architecture: "amd64",
    config: {},
    rootfs: { type: "layers", diff_ids: [digestOf("base")] },
    history: [{ created: "2020-02-02T02:02:02Z", created_by: "base" }],
    ...config,
  };
}

/** The settings of the image that a Dockerfile makes, without empty ones and defaults. */
export async function settingsOf(
  text: string,
  options?: PlanOptions,
  images?: Images,
): Promise<ContainerConfig> {
  const { config } = imageConfig((await planOf(text, options, images)).result, []);
  const { Env, WorkingDir, ...rest } = config;
  const settings = {
    ...rest,
    Env: Env?.filter((variable) => !variable.startsWith("PATH=")),
    WorkingDir: WorkingDir === "/" ? "" : WorkingDir,
  };
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) =>
      typeof value === "object" ? Object.keys(value).length > 0 : value,
    ),
  );
}

/** Texts of the history that a Dockerfile adds to its base; layers are marked with `+`. */
export async function historyOf(text: string, options?: PlanOptions, images?: Images): Promise<string[]> {
  const { result } = await planOf(text, options, images);
  return result.image.history
    .filter(({ created }) => created === undefined)
    .map(({ created_by, empty_layer }) => `${empty_layer ? "" : "+ "}${created_by}`);
}

/** The definition of the last step. */
export async function stepOf(text: string, options?: PlanOptions, images?: Images): Promise<StepDefinition> {
  const { steps } = await planOf(text, options, images);
  const definition = steps.at(-1)?.definition;
  if (definition === undefined) throw new Error("there is no step");
  return definition;
}

/** `<line>: <message>` of the error of a Dockerfile. */
export async function errorOf(text: string, options?: PlanOptions, images?: Images): Promise<string> {
  try {
    await planOf(text, options, images);
  } catch (error) {
    if (error instanceof DockerfileError) return `${error.diagnostic.lines.start}: ${error.message}`;
    throw error;
  }
  return "no error";
}

/** `<line>: <rule>: <message>` of each finding. */
export async function warningsOf(text: string, options?: PlanOptions, images?: Images): Promise<string[]> {
  const { diagnostics } = await planOf(text, options, images);
  return diagnostics.map(({ code, message, lines }) => `${lines.start}: ${code}: ${message}`);
}

/** The steps whose layers are above the base of a tree, lowest first; and the base. */
export function layersOf({ steps }: BuildPlan, files: FileState): { base: FileState; steps: Step[] } {
  const layers: Step[] = [];
  let state = files;
  while (state.kind === "step") {
    const step = steps[state.step] as Step;
    layers.unshift(step);
    state = step.definition.parent;
  }
  return { base: state, steps: layers };
}
