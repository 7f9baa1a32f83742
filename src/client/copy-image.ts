import { parseAnyManifest } from "../oci/any-manifest.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isIndexType, isManifestType } from "../oci/media-types.ts";
import { listUnderTag } from "./referrers-tag.ts";
import type { RegistryClient, StoredManifest } from "./registry-client.ts";

/** A place of an image: a repository of a registry, and a tag or digest there. */
export interface ImagePlace {
  registry: RegistryClient;
  name: string;
  reference: string;
}

export interface CopyProgress {
  /** Told when a blob is there already, and while it is copied. */
  blob(descriptor: Descriptor, current: number): void;
}

export interface CopyOptions {
  /** Take along what is attached to the image, as provenance and lists of packages. */
  referrers?: boolean;
  progress?: CopyProgress;
}

/** Blobs that travel at the same time. */
const LANES = 3;

/**
 * Copies an image from one registry to another: only what is missing there, its manifest last. Gives the manifest.
 */
export async function copyImage(
  from: ImagePlace,
  to: ImagePlace,
  options: CopyOptions = {},
): Promise<StoredManifest> {
  const manifest = await from.registry.manifest(from.name, from.reference);
  const copy = new Copy(from, to, options);
  await copy.contents(manifest);
  await to.registry.putManifest(to.name, to.reference, manifest);
  if (options.referrers) await copy.referrers(manifest.digest);
  return manifest;
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

  /** Everything that a manifest refers to. */
  async contents(stored: StoredManifest): Promise<void> {
    const read = parseAnyManifest(stored.bytes, stored.mediaType);
    if (read.kind === "index") {
      for (const { digest } of read.index.manifests) await this.#manifest(digest);
      return;
    }
    const { config, layers } = read.manifest;
    const blobs = [config, ...layers].filter(
      ({ digest }) => !this.#done.has(digest) && this.#done.add(digest),
    );
    await inLanes(blobs, (blob) => this.#blob(blob));
  }

  /** What says something about an image, and what says something about that. */
  async referrers(digest: string): Promise<void> {
    for (const referrer of await this.#from.registry.referrers(this.#from.name, digest)) {
      if (!isManifestType(referrer.mediaType) && !isIndexType(referrer.mediaType)) continue;
      const { isListed } = await this.#manifest(referrer.digest);
      if (!isListed) await listUnderTag(this.#to.registry, this.#to.name, digest, referrer);
    }
  }

  async #manifest(digest: string): Promise<{ isListed: boolean }> {
    if (this.#done.has(digest)) return { isListed: true };
    this.#done.add(digest);
    const stored = await this.#from.registry.manifest(this.#from.name, digest);
    await this.contents(stored);
    const put = await this.#to.registry.putManifest(this.#to.name, digest, stored);
    if (this.#options.referrers) await this.referrers(digest);
    return put;
  }

  async #blob(blob: Descriptor): Promise<void> {
    const { registry, name } = this.#to;
    const tell = (current: number) => this.#options.progress?.blob(blob, current);
    // Layers that may not be passed on lie where their own URLs say.
    if (blob.urls !== undefined && blob.urls.length > 0) return;
    if (!(await registry.hasBlob(name, blob.digest))) {
      const source = async () => counted(await this.#from.registry.blob(this.#from.name, blob), tell);
      const isSameRegistry = registry.base === this.#from.registry.base && name !== this.#from.name;
      await registry.putBlob(name, blob, source, isSameRegistry ? this.#from.name : undefined);
    }
    tell(blob.size);
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  tell: (sent: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.length;
    tell(sent);
  }
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
