import type { BuildInputs } from "../../schemas/build.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import { RegistryError } from "../registry/errors.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import { baseUnavailable } from "./base-unavailable.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import type { World } from "./world.ts";

/** The digests of the images that a build reads, by reference and platform: the field `images` of its inputs. */
export function imagePins(
  platforms: readonly { plan: BuildPlan; images: readonly ResolvedImage[] }[],
): Record<string, string> {
  const pins = new Map<string, string>();
  for (const { plan, images } of platforms) {
    for (const [index, { reference, platform }] of plan.images.entries()) {
      pins.set(pinKey(reference, platform), images[index]?.digest ?? "");
    }
  }
  return Object.fromEntries([...pins].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isPinned({ images }: BuildInputs, reference: string, platform: Platform): boolean {
  return Object.hasOwn(images, pinKey(reference, platform));
}

/** Resolves an image: by its pinned digest, or else by its tag. @throws {BuildError} `base-unavailable` */
export async function resolvePinned(
  { images: pins, options }: BuildInputs,
  { images }: World,
  reference: string,
  platform: Platform,
): Promise<ResolvedImage> {
  const digest = pins[pinKey(reference, platform)];
  const parsed = parseReference(reference);
  try {
    return digest === undefined
      ? await images.resolveImage(parsed, platform, { fresh: options.pull })
      : await images.resolveImage({ ...parsed, digest }, platform);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // The plan adds the name of the image to the message.
    throw baseUnavailable(images, parsed, error.cause instanceof RegistryError ? error.cause : error);
  }
}

function pinKey(reference: string, platform: Platform): string {
  return `${reference} ${formatPlatform(platform)}`;
}
