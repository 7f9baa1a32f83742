import { isContainerImage, parseAnyManifest } from "../oci/any-manifest.ts";
import { type ImageConfig, parseImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { type ImageIndex, isAttestation, MAX_NESTING } from "../oci/image-index.ts";
import type { Manifest } from "../oci/manifest.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { choosePlatform } from "../oci/platform-match.ts";
import { formatReference, type Reference, withDefaultTag } from "../oci/reference.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { RegistryError } from "./errors.ts";
import { repositoryOf } from "./names.ts";
import type { BlobDescriptor, Registry, ResolveOptions, StoredManifest } from "./registry.ts";

/** An image resolved for one platform. Its layers need not be stored yet: see `ensureBlob`. */
export interface ResolvedImage {
  /** The requested reference, with its digest. */
  reference: Reference;
  /** Digest of the index or manifest that the reference names. */
  digest: string;
  manifest: Manifest;
  manifestDigest: string;
  config: ImageConfig;
  /** Platform of the config; may differ from the request when there is no choice. */
  platform: Platform;
  /** The image requires the caller's credentials. Results derived from it are not shared with other callers. */
  isPrivate?: true;
}

/** A remote registry whose contents are copied into the store. */
export interface Upstream {
  readManifest(name: string, reference: string, options?: ResolveOptions): Promise<StoredManifest>;
  /** Stores a copy of a blob, unless there is one. @returns whether bytes were transferred */
  fetchBlob(name: string, blob: BlobDescriptor): Promise<boolean>;
  /** Whether the repository could be read only with the caller's credentials. */
  isPrivate?(name: string): boolean;
}

interface ImageResolverOptions {
  store: ObjectStore;
  /** This server's registry, restricted to the caller's rights. Its blobs are in the store. */
  own: Registry;
  /** Whether a host is this server. */
  isOwnHost?: (host: string) => boolean;
  /** The host by which the caller names this server. */
  ownHost?: string;
  /** Look up names without a host on this server first, as dockerd does with local images. */
  prefersOwn?: boolean | undefined;
  /** Returns the registry of any other host. */
  remote: (host: string) => Upstream;
}

/** Resolves images by reference in any registry, and makes their contents available in the store. */
export class ImageResolver {
  readonly #store: ObjectStore;
  readonly #own: Registry;
  /** Whether a host is this server. */
  readonly isOwnHost: (host: string) => boolean;
  readonly #ownHost: string | undefined;
  readonly #prefersOwn: boolean;
  readonly #remote: (host: string) => Upstream;
  /** One per host, so that concurrent requests share transfers. */
  readonly #remotes = new Map<string, Upstream>();

  constructor(options: ImageResolverOptions) {
    const { store, own, isOwnHost = () => false, ownHost, prefersOwn = false, remote } = options;
    this.#store = store;
    this.#own = own;
    this.isOwnHost = isOwnHost;
    this.#ownHost = ownHost;
    this.#prefersOwn = prefersOwn;
    this.#remote = remote;
  }

  /**
   * Resolves a reference for a platform.
   * @throws {RegistryError} with BuildKit's message: `failed to resolve source metadata for …: …`
   */
  async resolveImage(
    named: Reference,
    platform: Platform,
    options: ResolveOptions = {},
  ): Promise<ResolvedImage> {
    const reference = withDefaultTag(named);
    try {
      const own = options.fresh || !this.#prefersOwn ? undefined : await this.#ownNamed(reference);
      return await this.#resolve(own ?? reference, platform, options);
    } catch (cause) {
      const message = `failed to resolve source metadata for ${formatReference(reference)}`;
      if (cause instanceof RegistryError) {
        throw new RegistryError(cause.fault, `${message}: ${cause.message}`, { cause });
      }
      if (cause instanceof InvalidDocumentError) {
        throw new RegistryError("BAD_ANSWER", `${message}: ${cause.message}`, { cause });
      }
      throw cause;
    }
  }

  /**
   * Ensures that a blob of an image is in the store. Looks it up in the image's repository, because a manifest may list
   * nondistributable layers that only other repositories have.
   * @returns whether bytes were transferred
   * @throws {RegistryError}
   */
  async ensureBlob({ host, path }: Reference, { digest, size }: Descriptor): Promise<boolean> {
    if (!this.isOwnHost(host)) return this.#remoteOf(host).fetchBlob(path, { digest, size });
    try {
      await this.#own.resolveBlob(path, digest);
      return false;
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      throw new RegistryError("BLOB_UNKNOWN", `${digest}: not found`, { cause });
    }
  }

  /**
   * The full name of the image that a name without a host denotes on this server. Undefined if there is none that the
   * caller may pull.
   */
  async ownName(named: Reference): Promise<string | undefined> {
    if (this.#ownHost === undefined) return undefined;
    const own = await this.#ownNamed(named);
    return own && formatReference({ ...own, host: this.#ownHost });
  }

  /** The image that a name without a host denotes on this server, if it exists and the caller may pull it. */
  async #ownNamed(reference: Reference): Promise<Reference | undefined> {
    const { host, digest, tag = "latest" } = reference;
    if (host !== "docker.io") return undefined;
    const path = repositoryOf(reference);
    try {
      await this.#own.resolveManifest(path, digest ?? tag);
      return { ...reference, host: "localhost", path };
    } catch (error) {
      if (error instanceof RegistryError) return undefined;
      throw error;
    }
  }

  async #resolve(reference: Reference, platform: Platform, options: ResolveOptions): Promise<ResolvedImage> {
    const top = await this.#readManifest(reference, options);
    let current = top;
    for (let depth = 0; ; depth++) {
      const { descriptor, bytes } = current;
      const document = parseAnyManifest(bytes, descriptor.mediaType);
      if (document.kind === "manifest") {
        const pinned = { ...reference, digest: top.descriptor.digest };
        return await this.#readImage(pinned, descriptor.digest, document.manifest);
      }
      if (depth === MAX_NESTING) {
        throw new RegistryError("BAD_ANSWER", `${descriptor.digest}: indexes are nested too deeply`);
      }
      const { digest } = chooseManifest(document.index, platform, descriptor.digest);
      current = await this.#readManifest({ ...reference, digest }, {});
    }
  }

  /** Reads the manifest or index that a reference names. */
  async #readManifest(reference: Reference, options: ResolveOptions): Promise<StoredManifest> {
    const { host, path, tag = "latest", digest = tag } = reference;
    if (!this.isOwnHost(host)) return this.#remoteOf(host).readManifest(path, digest, options);
    try {
      return await this.#own.readManifest(path, digest);
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      throw new RegistryError("MANIFEST_UNKNOWN", `${formatReference(reference)}: not found`, { cause });
    }
  }

  async #readImage(reference: Reference, manifestDigest: string, manifest: Manifest): Promise<ResolvedImage> {
    const name = formatReference(reference);
    if (!isContainerImage(manifest)) {
      throw new RegistryError(
        "NOT_AN_IMAGE",
        `${name}: not a container image: its config is of type ${JSON.stringify(manifest.config.mediaType)}`,
      );
    }
    if (manifest.config.size > MAX_DOCUMENT) {
      throw new RegistryError("BAD_ANSWER", `${name}: rejecting a config of ${manifest.config.size} bytes`);
    }
    await this.ensureBlob(reference, manifest.config);
    const bytes = await this.#store.getBytes(blobKey(manifest.config.digest));
    if (bytes === undefined) throw new RegistryError("BLOB_UNKNOWN", `${manifest.config.digest}: not found`);
    const config = parseImageConfig(bytes);
    if (config.rootfs.diff_ids.length !== manifest.layers.length) {
      throw new RegistryError(
        "BAD_ANSWER",
        `${name}: the manifest has ${manifest.layers.length} layers and the config ${config.rootfs.diff_ids.length}`,
      );
    }
    const { host, path } = reference;
    const isPrivate = !this.isOwnHost(host) && this.#remoteOf(host).isPrivate?.(path);
    return {
      ...(isPrivate && { isPrivate }),
      reference,
      digest: reference.digest as string,
      manifest,
      manifestDigest,
      config,
      platform: platformOf(config),
    };
  }

  #remoteOf(host: string): Upstream {
    const known = this.#remotes.get(host);
    if (known !== undefined) return known;
    const remote = this.#remote(host);
    this.#remotes.set(host, remote);
    return remote;
  }
}

/** Chooses the manifest of an index for a platform. @throws {RegistryError} `NO_PLATFORM` */
export function chooseManifest(index: ImageIndex, platform: Platform, digest: string): Descriptor {
  const candidates = index.manifests.filter((entry) => !isAttestation(entry));
  const chosen = choosePlatform(platform, candidates, (entry) => entry.platform);
  // An entry without a platform may run on any.
  const found = chosen ?? candidates.find((entry) => entry.platform === undefined);
  if (found !== undefined) return found;
  const offered = candidates.map((entry) => (entry.platform ? formatPlatform(entry.platform) : "any"));
  throw new RegistryError(
    "NO_PLATFORM",
    `no match for platform in manifest ${digest}: not found: ` +
      `${formatPlatform(platform)} was requested, the index has ${offered.slice(0, 20).join(", ") || "no images"}`,
  );
}

function platformOf(config: ImageConfig): Platform {
  const { os, architecture, variant } = config;
  return {
    os,
    architecture,
    ...(variant && { variant }),
    ...(config["os.version"] && { "os.version": config["os.version"] }),
    ...(config["os.features"] && { "os.features": config["os.features"] }),
  };
}
