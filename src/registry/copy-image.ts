import type { Descriptor } from "../oci/descriptor.ts";
import { isIndexType, isManifestType } from "../oci/media-types.ts";
import { chunks } from "../streams/chunks.ts";
import { isAbsent } from "./errors.ts";
import { readManifestContents } from "./manifest-contents.ts";
import type { ManifestDescriptor, Registry, StoredManifest } from "./registry.ts";

/** The location of an image: a repository, and a tag or digest in it. */
export interface ImagePlace {
  registry: Registry;
  name: string;
  reference: string;
}

interface CopyProgress {
  /** Called while a blob is copied, and once for a blob that exists already. @param current bytes so far */
  blob(descriptor: Descriptor, current: number): void;
}

interface CopyOptions {
  /** Copy referrers of the image too, such as provenance and SBOMs. */
  referrers?: boolean;
  progress?: CopyProgress;
}

/** Maximum number of blobs copied concurrently. */
const LANES = 3;

/**
 * Copies an image from one registry to another: only missing contents, the manifest last.
 * @throws {RegistryError}
 */
export async function copyImage(
  from: ImagePlace,
  to: ImagePlace,
  options: CopyOptions = {},
): Promise<ManifestDescriptor> {
  const manifest = await from.registry.readManifest(from.name, from.reference);
  const copy = new Copy(from, to, options);
  await copy.contents(manifest);
  const { descriptor, bytes } = manifest;
  const tags = to.reference.includes(":") ? [] : [to.reference];
  const pushed = { bytes, mediaType: descriptor.mediaType, digest: descriptor.digest };
  await to.registry.pushManifest(to.name, pushed, tags);
  if (options.referrers) await copy.referrers(descriptor.digest);
  return descriptor;
}

class Copy {
  readonly #from: ImagePlace;
  readonly #to: ImagePlace;
  readonly #options: CopyOptions;
  readonly #done = new Set<string>();

  constructor(from: ImagePlace, to: ImagePlace, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  /** Copies everything that a manifest lists. */
  async contents({ descriptor, bytes }: StoredManifest): Promise<void> {
    const { blobs, manifests } = readManifestContents(bytes, descriptor.mediaType);
    for (const { digest } of manifests) await this.#manifest(digest);
    const missing = blobs.filter(({ digest }) => !this.#done.has(digest) && this.#done.add(digest));
    await runConcurrently(missing, (blob) => this.#blob(blob));
  }

  /** Copies the referrers of an image, and their referrers. */
  async referrers(digest: string): Promise<void> {
    const { registry, name } = this.#from;
    for await (const { mediaType, digest: referrer } of registry.referrers(name, digest)) {
      if (isManifestType(mediaType) || isIndexType(mediaType)) await this.#manifest(referrer);
    }
  }

  async #manifest(digest: string): Promise<void> {
    if (this.#done.has(digest)) return;
    this.#done.add(digest);
    const manifest = await this.#from.registry.readManifest(this.#from.name, digest);
    await this.contents(manifest);
    const { mediaType } = manifest.descriptor;
    await this.#to.registry.pushManifest(this.#to.name, { bytes: manifest.bytes, mediaType, digest });
    if (this.#options.referrers) await this.referrers(digest);
  }

  async #blob(blob: Descriptor): Promise<void> {
    const { registry, name } = this.#to;
    const report = (current: number) => this.#options.progress?.blob(blob, current);
    // Nondistributable layers are fetched from their own URLs.
    if (blob.urls !== undefined && blob.urls.length > 0) return;
    if (!(await this.#has(blob.digest))) {
      const source = async () => {
        const bytes = chunks(await this.#from.registry.readBlob(this.#from.name, blob));
        return countBytes(bytes, report);
      };
      await registry.pushBlob(name, blob, source);
    }
    report(blob.size);
  }

  async #has(digest: string): Promise<boolean> {
    try {
      await this.#to.registry.resolveBlob(this.#to.name, digest, { forPush: true });
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }
}

async function* countBytes(
  bytes: AsyncIterable<Uint8Array>,
  report: (sent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.length;
    report(sent);
  }
}

async function runConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
