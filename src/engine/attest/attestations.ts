import { predicateTypes, type ResourceDescriptor, type Statement } from "../../../schemas/attestations.ts";
import type { BuildInputs } from "../../../schemas/build.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { displayRepository, splitForeignName } from "../../registry/names.ts";
import { nameOf, parentOf } from "../../rootfs/path-parts.ts";
import type { PlatformImage, RepositoryNames } from "../export.ts";
import { digestSet } from "./materials.ts";
import { packageUrl } from "./package-url.ts";
import { provenanceOf } from "./provenance.ts";
import { type ImagePackages, packagesIn } from "./sbom/packages-in.ts";
import { createSpdxDocument } from "./sbom/spdx.ts";

/** An image of one platform with its locations in the registry. */
interface AttestedImage {
  image: PlatformImage;
  manifest: Descriptor;
  /** At least one. */
  places: readonly RepositoryNames[];
}

interface AttestationOptions {
  inputs: BuildInputs;
  /** URL of this server. */
  origin: string;
  materials(image: PlatformImage): Promise<ResourceDescriptor[]>;
  signal: AbortSignal;
}

/** Creates the attestations that a build requests. */
export class Attestations {
  readonly #options: AttestationOptions;
  readonly #packages = new Map<PlatformImage, Promise<ImagePackages>>();

  constructor(options: AttestationOptions) {
    this.#options = options;
  }

  /** The statements about an image. */
  async about(attested: AttestedImage): Promise<Statement[]> {
    const { provenance, sbom } = this.#options.inputs.options;
    const { image, manifest } = attested;
    const subject = this.#subjects(attested).map((name) => ({ name, digest: digestSet(manifest.digest) }));
    const statements: Statement[] = [];
    if (provenance !== false) {
      const predicate = provenanceOf({
        request: provenance,
        inputs: this.#options.inputs,
        plan: image.plan,
        materials: await this.#options.materials(image),
        builder: this.#options.origin,
      });
      statements.push({ _type, subject, predicateType: predicateTypes.provenance, predicate });
    }
    if (sbom) {
      const predicate = createSpdxDocument(this.#spdxImage(attested), await this.#packagesOf(image));
      statements.push({ _type, subject, predicateType: predicateTypes.sbom, predicate });
    }
    return statements;
  }

  /** Subject names as BuildKit writes them; `_` for an image without a name. */
  #subjects({ image, places }: AttestedImage): string[] {
    const qualifiers = { platform: formatPlatform(image.plan.platform) };
    const names = places.flatMap(({ repository, tags }) => {
      const full = this.#fullName(repository);
      const named = { type: "docker", namespace: parentOf(full), name: nameOf(full), qualifiers };
      return tags.map((tag) => packageUrl({ ...named, version: tag }));
    });
    return names.length === 0 ? ["_"] : names;
  }

  #spdxImage({ image, manifest, places }: AttestedImage) {
    const { digest } = manifest;
    const { repository } = places[0] as RepositoryNames;
    const url = packageUrl({
      type: "oci",
      name: nameOf(repository),
      version: digest,
      qualifiers: { repository_url: this.#fullName(repository) },
    });
    return { name: displayRepository(repository), digest, url, created: image.created };
  }

  #packagesOf(image: PlatformImage): Promise<ImagePackages> {
    const known = this.#packages.get(image) ?? this.#find(image);
    this.#packages.set(image, known);
    return known;
  }

  async #find(image: PlatformImage): Promise<ImagePackages> {
    return packagesIn(await image.tree(), this.#options.signal);
  }

  /** The name under which other hosts pull the image. */
  #fullName(repository: string): string {
    return splitForeignName(repository) === undefined
      ? `${this.#host}/${repository}`
      : displayRepository(repository);
  }

  get #host(): string {
    return new URL(this.#options.origin).host;
  }
}

const _type = "https://in-toto.io/Statement/v1";
