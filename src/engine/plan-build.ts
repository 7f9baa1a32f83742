import type { BuildInputs } from "../../schemas/build.ts";
import type { Ulimit } from "../../schemas/run-options.ts";
import { readExtraHost } from "../../schemas/run-settings.ts";
import { readDockerfileInPieces } from "../dockerfile/instructions.ts";
import { InvalidPlatformError, type Platform, parsePlatform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import { inTurns } from "../streams/turns.ts";
import { BuildError } from "./errors.ts";
import { imagePins, isPinned, resolvePinned } from "./image-pins.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import { plan } from "./plan/evaluate.ts";
import type { PlanOptions } from "./plan/options.ts";
import type { World } from "./world.ts";

/** The build argument that overrides the directive `check`. */
export const checkArg = "BUILDKIT_DOCKERFILE_CHECK";

/** The plan for one platform, and the resolved images in its order. */
export interface PlatformPlan {
  plan: BuildPlan;
  images: readonly ResolvedImage[];
}

/** A build whose Dockerfile was read and whose images were resolved. Plain data, safe to clone. */
export interface PlannedBuild {
  /** The inputs with pinned image digests, and without options that do not affect the result. */
  inputs: BuildInputs;
  /** One for each platform, in the order of the options. */
  platforms: readonly PlatformPlan[];
}

/**
 * Plans a build for each of its platforms. Resolves pinned images by digest and pins the others, so that executing the plan
 * later gives the same result. Resets options that do not affect the result, and drops unused build arguments.
 * @throws {DockerfileError | BuildError}
 */
export async function planBuild(inputs: BuildInputs, world: World): Promise<PlannedBuild> {
  const platforms = await planPlatforms(inputs, world);
  const used = new Set([checkArg]);
  for (const { plan: planned } of platforms) for (const name of planned.usedArgs) used.add(name);
  const buildArgs = Object.entries(inputs.options.buildArgs).filter(([name]) => used.has(name));
  return {
    platforms,
    inputs: {
      ...inputs,
      options: { ...inputs.options, buildArgs: Object.fromEntries(buildArgs), pull: false, cache: "auto" },
      images: imagePins(platforms),
    },
  };
}

async function planPlatforms(inputs: BuildInputs, world: World): Promise<PlatformPlan[]> {
  const { options } = inputs;
  const platforms = options.platforms.length === 0 ? [undefined] : options.platforms.map(parseTargetPlatform);
  const check = options.buildArgs[checkArg];
  const read = await inTurns(readDockerfileInPieces(inputs.dockerfile, { check }));
  const plans: PlatformPlan[] = [];
  for (const platform of platforms) {
    const images = new Map<string, ResolvedImage>();
    const planned = await plan(
      read,
      { ...planOptions(inputs), platform, isMultiPlatform: platforms.length > 1 },
      {
        async resolveImage(reference, wanted) {
          const image = await resolvePinned(inputs, world, reference, wanted);
          images.set(image.manifestDigest, image);
          return { digest: image.manifestDigest, platform: image.platform, config: image.config };
        },
        // Only the first plan of a build has the caller's rights; it pins the images.
        findOwnName: async (reference, wanted) =>
          isPinned(inputs, reference, wanted) ? undefined : world.images.ownName(parseReference(reference)),
      },
    );
    plans.push({
      plan: planned,
      images: planned.images.map(({ digest }) => images.get(digest) as ResolvedImage),
    });
  }
  return plans;
}

/** Plan options that do not depend on the platform. */
export function planOptions({ options, ignore }: BuildInputs): PlanOptions {
  const { target, buildArgs, labels, sourceDateEpoch, contexts, allow, network } = options;
  const run = {
    network,
    hosts: options.extraHosts.flatMap((text) => readExtraHost(text) ?? []),
    ulimits: sortedUlimits(options.ulimits),
    shmSize: options.shmSize,
  };
  return {
    target,
    buildArgs,
    labels,
    sourceDateEpoch,
    namedContexts: contexts,
    ignore,
    // Like docker: requesting this network also allows it.
    allow: network === "host" ? [...allow, "network.host"] : allow,
    run,
  };
}

/** Each name once, with its last value, as docker sends them. */
function sortedUlimits(ulimits: readonly Ulimit[]): Ulimit[] {
  const byName = new Map(ulimits.map((limit) => [limit.name, limit]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws {BuildError} `platform-invalid` */
export function parseTargetPlatform(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (!(error instanceof InvalidPlatformError)) throw error;
    throw new BuildError("platform-invalid", `failed to parse target platform ${text}: ${error.message}`, {
      hint: "A platform is like linux/amd64 or linux/arm64.",
    });
  }
}
