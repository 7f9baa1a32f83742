import { ociLayerType } from "../../oci/layer-type.ts";
import { formatReference } from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import { baseUnavailable } from "../base-unavailable.ts";
import type { Emit } from "../emit.ts";
import { withLines, withStep } from "../keys/step-keys.ts";
import type { PlannedImage } from "../plan/build-plan.ts";
import type { World } from "../world.ts";
import { StateLayer } from "./states.ts";
import { imageLayerIdentity } from "./step-cache.ts";

export interface BaseImagesOptions {
  planned: readonly PlannedImage[];
  /** In the order of the plan. */
  resolved: readonly ResolvedImage[];
  images: World["images"];
  /** Prefix of step ids. */
  prefix: string;
  emit: Emit;
  signal: AbortSignal;
}

/** The images that a plan reads. Fetches the layers of an image once, on first use. */
export class BaseImages {
  readonly #options: BaseImagesOptions;
  readonly #fetched = new Map<number, Promise<void>>();

  constructor(options: BaseImagesOptions) {
    this.#options = options;
  }

  /** The layers of an image, lowest first. */
  layers(index: number): StateLayer[] {
    const { manifest, config, isPrivate = false } = this.#options.resolved[index] as ResolvedImage;
    return manifest.layers.map(({ digest, size, mediaType }, place) => {
      const diffId = config.rootfs.diff_ids[place] as string;
      const layer = { mediaType: ociLayerType(mediaType), digest, size };
      const record = { layer, diffId, ...(isPrivate && { confined: true as const }) };
      return new StateLayer({
        identity: imageLayerIdentity({ digest }),
        isConfined: isPrivate,
        store: async () => {
          await this.#fetch(index);
          return record;
        },
      });
    });
  }

  #fetch(index: number): Promise<void> {
    let fetched = this.#fetched.get(index);
    if (fetched === undefined) {
      const { lines } = this.#options.planned[index] as PlannedImage;
      const step = imageStep(this.#options.prefix, index);
      fetched = withLines(lines, () => withStep(step, () => this.#fetchLayers(index, step)));
      this.#fetched.set(index, fetched);
    }
    return fetched;
  }

  async #fetchLayers(index: number, step: string): Promise<void> {
    const { emit, signal, images, resolved } = this.#options;
    const { reference, manifest } = resolved[index] as ResolvedImage;
    const began = Date.now();
    emit({ type: "step.start", step });
    const fetched = await Promise.all(
      manifest.layers.map(async (layer) => {
        signal.throwIfAborted();
        const isFetched = await images.ensureBlob(reference, layer).catch((cause: unknown) => {
          if (!(cause instanceof RegistryError)) throw cause;
          throw baseUnavailable(images, reference, cause, `failed to fetch ${formatReference(reference)}: `);
        });
        const { digest, size } = layer;
        if (isFetched) emit({ type: "step.progress", step, message: digest, current: size, total: size });
        return isFetched;
      }),
    );
    const count = fetched.filter(Boolean).length;
    if (count === 0) {
      emit({ type: "step.cached", step, why: "All layers of the image are stored on the server." });
      return;
    }
    const why = `${count} of ${fetched.length} layers of the image were fetched from ${reference.host}.`;
    const milliseconds = Date.now() - began;
    emit({ type: "step.done", step, reused: false, milliseconds, why, differences: [] });
  }
}

/** Id of the step that fetches an image, in events. */
export function imageStep(prefix: string, index: number): string {
  return `${prefix}image-${index}`;
}
