import type { BuildInputs } from "../../../schemas/build.ts";
import { type Diagnostic, DockerfileError } from "../../dockerfile/diagnostic.ts";
import { readDockerfileInPieces } from "../../dockerfile/instructions.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { parseReference } from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import { inTurns } from "../../streams/turns.ts";
import { BuildError } from "../errors.ts";
import { readTrail } from "../explain/trail.ts";
import { readImageNames, scopeOf } from "../export.ts";
import { layerFormat } from "../layer-format.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { plan, type ReadDockerfile } from "../plan/evaluate.ts";
import { checkArg, parseTargetPlatform, planOptions } from "../plan-build.ts";
import { StepCache } from "../solve/step-cache.ts";
import type { World } from "../world.ts";
import type { PreviewContexts } from "./preview-context.ts";
import { type PreviewedStep, previewSteps } from "./step-preview.ts";

/** A build for one platform, as far as it is known without building. */
export interface PlatformPreview {
  /** Includes all stages, needed or not. */
  plan: BuildPlan;
  steps: PreviewedStep[];
}

export interface BuildPreview {
  findings: readonly Diagnostic[];
  /** The error that would fail the build. */
  error?: DockerfileError | BuildError;
  platforms: PlatformPreview[];
}

/**
 * Previews a build: its stages, its steps, and which of them are cached. Builds, stores and fetches nothing.
 * @param world its images must not query other registries
 */
export async function previewBuild(
  inputs: BuildInputs,
  contexts: PreviewContexts,
  world: World,
): Promise<BuildPreview> {
  try {
    return await preview(inputs, contexts, world);
  } catch (error) {
    if (error instanceof DockerfileError) {
      return { findings: [...error.warnings, error.diagnostic], error, platforms: [] };
    }
    if (error instanceof BuildError) return { findings: [], error, platforms: [] };
    throw error;
  }
}

async function preview(inputs: BuildInputs, contexts: PreviewContexts, world: World): Promise<BuildPreview> {
  const { options } = inputs;
  const check = options.buildArgs[checkArg];
  const read = await inTurns(readDockerfileInPieces(inputs.dockerfile, { check }));
  const scope = scopeOf(readImageNames(options.tags));
  const wanted = options.platforms.length === 0 ? [undefined] : options.platforms.map(parseTargetPlatform);
  const platforms: PlatformPreview[] = [];
  let error: BuildError | undefined;
  for (const platform of wanted) {
    const { planned, images } = await planOffline(read, inputs, world, {
      platform,
      isMultiPlatform: wanted.length > 1,
    });
    const name = formatPlatform(planned.platform);
    const previewed = await previewSteps({
      plan: planned,
      images,
      contexts,
      world,
      cache: new StepCache(world.store, world.cache, noMemory, { isIgnored: options.noCache, scope }),
      settings: {
        ...layerFormat(options),
        timestamps: options.timestamps,
        epoch: planned.epoch,
      },
      prefix: wanted.length > 1 ? `${name}/` : "",
      uncached: new Set(options.noCacheFilter),
      trail: await readTrail(world.cache, scope, name),
    });
    error ??= previewed.error;
    platforms.push({ plan: planned, steps: previewed.steps });
  }
  const findings = platforms[0]?.plan.diagnostics ?? [];
  return { findings, platforms, ...(error && { error }) };
}

/** The memory of a build that never runs. */
const noMemory = { recall: () => new Map(), remember: () => {}, hold: () => {}, began: () => 0 };

/** Plans all stages; plans only those that the target needs when others are invalid. */
async function planOffline(
  read: ReadDockerfile,
  inputs: BuildInputs,
  world: World,
  platform: Pick<Parameters<typeof plan>[1] & object, "platform" | "isMultiPlatform">,
): Promise<{ planned: BuildPlan; images: (ResolvedImage | undefined)[] }> {
  const resolved = new Map<string, ResolvedImage>();
  const requests = new Map<string, Promise<ResolvedImage | undefined>>();
  const work = async (allStages: boolean) =>
    plan(
      read,
      { ...planOptions(inputs), ...platform, allStages },
      {
        async resolveImage(reference, wanted) {
          const name = `${reference} ${formatPlatform(wanted)}`;
          const request = requests.get(name) ?? findStoredImage(world, reference, wanted);
          requests.set(name, request);
          const image = await request;
          if (image === undefined) return undefined;
          resolved.set(image.manifestDigest, image);
          return { digest: image.manifestDigest, platform: image.platform, config: image.config };
        },
      },
    );
  const needed = await work(false);
  const planned = await work(true).catch((error: unknown) => {
    if (error instanceof DockerfileError || error instanceof BuildError) return needed;
    throw error;
  });
  const { diagnostics } = inputs.options.target === undefined ? planned : needed;
  return {
    planned: { ...planned, diagnostics, usedArgs: needed.usedArgs },
    images: planned.images.map(({ digest }) => resolved.get(digest)),
  };
}

/** Finds an image that is stored here. @throws {BuildError} `base-unavailable` when it is known not to exist */
async function findStoredImage(
  { images }: World,
  reference: string,
  platform: Parameters<World["images"]["resolveImage"]>[1],
): Promise<ResolvedImage | undefined> {
  try {
    return await images.resolveImage(parseReference(reference), platform);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    if (error.fault === "NETWORK") return undefined;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new BuildError("base-unavailable", why, { cause: error });
  }
}
