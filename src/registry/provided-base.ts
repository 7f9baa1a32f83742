import { BASE_IMAGE } from "./base-image.ts";
import { RegistryError } from "./errors.ts";
import type { ManifestDescriptor, StoredManifest } from "./registry.ts";
import { StoreRegistry } from "./store/store-registry.ts";

/** Builds the base image. False when this server cannot. */
type BuildBase = () => Promise<boolean>;

/** The registry of this server's store, which builds the base image of lessons when its tag is first requested. */
export class ProvidedBaseRegistry extends StoreRegistry {
  readonly #build: BuildBase;

  constructor(store: ConstructorParameters<typeof StoreRegistry>[0], build: BuildBase) {
    super(store);
    this.#build = build;
  }

  override resolveManifest(name: string, reference: string): Promise<ManifestDescriptor> {
    return this.#provided(name, reference, () => super.resolveManifest(name, reference));
  }

  override readManifest(name: string, reference: string): Promise<StoredManifest> {
    return this.#provided(name, reference, () => super.readManifest(name, reference));
  }

  async #provided<Found>(name: string, reference: string, find: () => Promise<Found>): Promise<Found> {
    if (name !== BASE_IMAGE || reference !== "latest") return find();
    try {
      return await find();
    } catch (error) {
      const isMissing = error instanceof RegistryError && error.code === "MANIFEST_UNKNOWN";
      if (!isMissing || !(await this.#build())) throw error;
      return find();
    }
  }
}
