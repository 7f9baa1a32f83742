import { isContainerImage, parseAnyManifest } from "../oci/any-manifest.ts";
import { type ImageConfig, parseImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { type ImageIndex, isAttestation } from "../oci/image-index.ts";
import type { Manifest } from "../oci/manifest.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { choosePlatform } from "../oci/platform-match.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { CacheStore } from "../store/cache-store.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { RegistryError } from "./errors.ts";
import { UpstreamCopies } from "./pull-through.ts";
import { UpstreamError } from "./remote/remote-error.ts";
import type { FetchedManifest, Upstream } from "./remote/remote-registry.ts";
import { Repository } from "./store/store-registry.ts";

/** An image of a registry, found for one platform. Its layers need not be stored yet: see `ensureBlob`. */
export interface ResolvedImage {
  /** What was asked for, with the digest it stands for. */
  reference: Reference;
  /** Digest of what the reference names: an index, or the manifest itself. */
  digest: string;
  manifest: Manifest;
  manifestDigest: string;
  config: ImageConfig;
  /** Of the config; may be another than what was asked for when there is no choice. */
  platform: Platform;
}

export interface ResolveOptions {
  /** Ask the registry although the tag was asked for a moment ago: `pull` of a build. */
  fresh?: boolean;
}

export interface PullOptions {
  store: ObjectStore;
  cache: CacheStore;
  upstream: Upstream;
  /** Whether a registry is this one, so that its images are in the store and nowhere else. */
  isOwnHost?: (host: string) => boolean;
  /** Whether the images of one of the own repositories may be seen; those that may not are not found. */
  canPull?: (repository: string) => boolean;
  /** Tags mean what they meant when they were asked for last, however long ago: for those who ask nobody. */
  staleTags?: boolean;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** What a tag meant, and when that was asked. */
interface KnownTag extends Descriptor {
  /** Milliseconds since 1970. */
  at: number;
}

/** For so long a registry is not asked again what a tag means. */
const TAG_FRESH_MS = 60_000;
/** And for so long it is known what it meant. */
const TAG_TTL_S = 7 * 24 * 60 * 60;
/** KV takes 512 bytes. */
const MAX_CACHE_KEY = 512;
/** Indexes that lead to one another. */
const MAX_NESTING = 3;

/**
 * Images of other registries, kept in the own store: a manifest or blob travels once, is verified on the way and
 * never asked for again. Only tags are, after a minute.
 */
export class PullThrough {
  readonly #store: ObjectStore;
  readonly #cache: CacheStore;
  readonly #upstream: Upstream;
  readonly #copies: UpstreamCopies;
  readonly #isOwnHost: (host: string) => boolean;
  readonly #canPull: (repository: string) => boolean;
  readonly #staleTags: boolean;
  readonly #now: () => number;

  constructor({
    store,
    cache,
    upstream,
    isOwnHost = () => false,
    canPull = () => true,
    staleTags = false,
    now = Date.now,
  }: PullOptions) {
    this.#store = store;
    this.#cache = cache;
    this.#upstream = upstream;
    this.#copies = new UpstreamCopies(store, upstream);
    this.#isOwnHost = isOwnHost;
    this.#canPull = canPull;
    this.#staleTags = staleTags;
    this.#now = now;
  }

  /**
   * Finds what a reference names, for a platform.
   *
   * @throws UpstreamError whose message is BuildKit's: `failed to resolve source metadata for …: …`
   */
  async resolveImage(
    named: Reference,
    platform: Platform,
    options: ResolveOptions = {},
  ): Promise<ResolvedImage> {
    const reference = withDefaultTag(named);
    try {
      return await this.#resolve(reference, platform, options);
    } catch (error) {
      const message = `failed to resolve source metadata for ${formatReference(reference)}`;
      if (error instanceof UpstreamError) {
        throw new UpstreamError(error.code, `${message}: ${error.message}`, { cause: error });
      }
      if (error instanceof InvalidDocumentError) {
        throw new UpstreamError("BAD_ANSWER", `${message}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  /**
   * Sees to it that a blob of an image is in the store, and in a repository when one is given.
   *
   * @throws UpstreamError
   */
  async ensureBlob(reference: Reference, descriptor: Descriptor, repository?: Repository): Promise<void> {
    if (this.#isOwnHost(reference.host)) await this.#requireOwnBlob(reference, descriptor);
    else await this.#copies.ensureBlob(reference, descriptor);
    await repository?.linkBlob(descriptor.digest);
  }

  async #resolve(reference: Reference, platform: Platform, options: ResolveOptions): Promise<ResolvedImage> {
    const top = await this.#topManifest(reference, options);
    let fetched = top;
    for (let depth = 0; ; depth++) {
      const document = parseAnyManifest(fetched.bytes, fetched.descriptor.mediaType);
      if (document.kind === "manifest") {
        const pinned = { ...reference, digest: top.descriptor.digest };
        return await this.#readImage(pinned, fetched.descriptor.digest, document.manifest);
      }
      if (depth === MAX_NESTING) {
        throw new UpstreamError("BAD_ANSWER", `${fetched.descriptor.digest}: indexes are nested too deeply`);
      }
      const chosen = chooseManifest(document.index, platform, fetched.descriptor.digest);
      fetched = this.#isOwnHost(reference.host)
        ? await this.#ownManifest({ ...reference, digest: chosen.digest })
        : await this.#copies.manifest(reference, chosen.digest);
    }
  }

  async #readImage(reference: Reference, manifestDigest: string, manifest: Manifest): Promise<ResolvedImage> {
    const name = formatReference(reference);
    if (!isContainerImage(manifest)) {
      throw new UpstreamError(
        "NOT_AN_IMAGE",
        `${name}: not a container image: its config is of type ${JSON.stringify(manifest.config.mediaType)}`,
      );
    }
    if (manifest.config.size > MAX_DOCUMENT) {
      throw new UpstreamError("BAD_ANSWER", `${name}: rejecting a config of ${manifest.config.size} bytes`);
    }
    await this.ensureBlob(reference, manifest.config);
    const bytes = await this.#store.getBytes(blobKey(manifest.config.digest));
    if (bytes === undefined) throw new UpstreamError("NOT_FOUND", `${manifest.config.digest}: not found`);
    const config = parseImageConfig(bytes);
    if (config.rootfs.diff_ids.length !== manifest.layers.length) {
      throw new UpstreamError(
        "BAD_ANSWER",
        `${name}: the manifest has ${manifest.layers.length} layers and the config ${config.rootfs.diff_ids.length}`,
      );
    }
    const { os, architecture, variant } = config;
    return {
      reference,
      digest: reference.digest as string,
      manifest,
      manifestDigest,
      config,
      platform: {
        os,
        architecture,
        ...(variant && { variant }),
        ...(config["os.version"] && { "os.version": config["os.version"] }),
        ...(config["os.features"] && { "os.features": config["os.features"] }),
      },
    };
  }

  /** What the reference itself names. */
  async #topManifest(reference: Reference, { fresh = false }: ResolveOptions): Promise<FetchedManifest> {
    if (this.#isOwnHost(reference.host)) return this.#ownManifest(reference);
    if (reference.digest !== undefined) return this.#copies.manifest(reference, reference.digest);
    const key = `upstream/${formatReference(reference)}`;
    const cacheable = key.length <= MAX_CACHE_KEY;
    const known = cacheable && !fresh ? await this.#knownTag(key) : undefined;
    const descriptor = known ?? (await this.#upstream.resolve(reference));
    const fetched = await this.#copies.manifest(reference, descriptor.digest);
    if (known === undefined && cacheable) {
      const tag: KnownTag = { ...fetched.descriptor, at: this.#now() };
      await this.#cache.put(new Map([[key, tag]]), TAG_TTL_S);
    }
    return fetched;
  }

  /**
   * A manifest may name layers that its repository does not have, when they are of a kind that is not distributed:
   * what others have stored under such a digest is not theirs to use.
   */
  async #requireOwnBlob({ path }: Reference, { digest }: Descriptor): Promise<void> {
    try {
      await new Repository(this.#store, path).blobSize(digest);
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      throw new UpstreamError("NOT_FOUND", `${digest}: not found`, { cause });
    }
  }

  async #knownTag(key: string): Promise<KnownTag | undefined> {
    const known = (await this.#cache.get<KnownTag>([key])).get(key);
    const isFresh = known !== undefined && this.#now() - known.at < TAG_FRESH_MS;
    return isFresh || this.#staleTags ? known : undefined;
  }

  async #ownManifest(reference: Reference): Promise<FetchedManifest> {
    try {
      if (!this.#canPull(reference.path)) {
        throw new RegistryError("MANIFEST_UNKNOWN", "no such manifest in this repository");
      }
      const repository = new Repository(this.#store, reference.path);
      const descriptor = await repository.resolve(reference.digest ?? reference.tag ?? "latest");
      return { descriptor, bytes: await repository.manifest(descriptor) };
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      throw new UpstreamError("NOT_FOUND", `${formatReference(reference)}: not found`, { cause });
    }
  }
}

/** The manifest of an index for a platform. @throws UpstreamError `NO_PLATFORM` */
export function chooseManifest(index: ImageIndex, platform: Platform, digest: string): Descriptor {
  const candidates = index.manifests.filter((entry) => !isAttestation(entry));
  const chosen = choosePlatform(platform, candidates, (entry) => entry.platform);
  // One that does not say what it is for may be for anything.
  const found = chosen ?? candidates.find((entry) => entry.platform === undefined);
  if (found !== undefined) return found;
  const offered = candidates.map((entry) => (entry.platform ? formatPlatform(entry.platform) : "any"));
  throw new UpstreamError(
    "NO_PLATFORM",
    `no match for platform in manifest ${digest}: not found: ` +
      `${formatPlatform(platform)} is wanted, ${offered.slice(0, 20).join(", ") || "nothing"} is there`,
  );
}
