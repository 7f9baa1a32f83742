import { type AnyManifest, isContainerImage, parseAnyManifest } from "../oci/any-manifest.ts";
import { type ImageConfig, parseImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { isAttestation, MAX_NESTING } from "../oci/image-index.ts";
import type { Manifest } from "../oci/manifest.ts";
import {
  DEFAULT_PLATFORM,
  formatPlatform,
  InvalidPlatformError,
  type Platform,
  parsePlatform,
} from "../oci/platform.ts";
import { choosePlatform } from "../oci/platform-match.ts";
import type { ManifestDescriptor } from "../registry/registry.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { ImageError } from "./image-error.ts";

/** The manifest or index that a reference names. */
export interface NamedManifest {
  name: string;
  descriptor: ManifestDescriptor;
  bytes: Uint8Array;
  document: AnyManifest;
}

/** An image for one platform. */
export interface Image {
  name: string;
  /** Descriptor of the manifest. */
  descriptor: Descriptor;
  manifestBytes: Uint8Array;
  manifest: Manifest;
  config: ImageConfig;
  /** Platform in the config: `os/arch[/variant]`. */
  platform: string;
}

/** @throws {RegistryError} `NAME_INVALID`, `MANIFEST_UNKNOWN`; ImageError `not-an-image` */
export async function openManifest(
  store: ObjectStore,
  name: string,
  reference: string,
): Promise<NamedManifest> {
  const { descriptor, bytes } = await new StoreRegistry(store).readManifest(name, reference);
  return {
    name,
    descriptor,
    bytes,
    document: readAs(name, () => parseAnyManifest(bytes, descriptor.mediaType)),
  };
}

/**
 * Opens the image that a reference names, for a platform.
 * @param wanted for example `linux/arm64`; by default linux/amd64 or, without that, the first platform
 * @throws {RegistryError} `NAME_INVALID`, `MANIFEST_UNKNOWN`, `BLOB_UNKNOWN`; ImageError
 */
export async function openImage(
  store: ObjectStore,
  name: string,
  reference: string,
  wanted?: string,
): Promise<Image> {
  return chooseImage(store, await openManifest(store, name, reference), wanted);
}

/** Chooses the image for a platform from an opened manifest or index. @throws the errors of `openImage` */
export async function chooseImage(store: ObjectStore, named: NamedManifest, wanted?: string): Promise<Image> {
  const platform = wanted === undefined || wanted === "" ? undefined : readPlatformName(wanted);
  let current = named;
  for (let depth = 0; current.document.kind === "index"; depth++) {
    if (depth === MAX_NESTING)
      throw new ImageError("not-an-image", `${named.name}: indexes are nested too deeply`);
    const chosen = choose(current.document.index.manifests, platform, named.name);
    current = await openManifest(store, named.name, chosen.digest);
  }
  const { descriptor, bytes, document } = current;
  return openPlatform(
    store,
    named.name,
    { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size },
    bytes,
    document.manifest,
  );
}

/** Reads the config of a manifest. @throws {RegistryError} `BLOB_UNKNOWN`; ImageError `not-an-image` */
export async function readImageConfig(
  store: ObjectStore,
  name: string,
  manifest: Manifest,
): Promise<{ config: ImageConfig; bytes: Uint8Array }> {
  const { digest, size, mediaType } = manifest.config;
  if (!isContainerImage(manifest)) {
    throw new ImageError(
      "not-an-image",
      `${name}: not a container image: its config is of type "${mediaType}"`,
    );
  }
  if (size > MAX_DOCUMENT)
    throw new ImageError("not-an-image", `${name}: its config is too large (${size} bytes)`);
  await new StoreRegistry(store).resolveBlob(name, digest);
  const bytes = (await store.getBytes(blobKey(digest))) ?? new Uint8Array(0);
  return { bytes, config: readAs(name, () => parseImageConfig(bytes)) };
}

/** @throws {ImageError} `platform-invalid` */
export function readPlatformName(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (cause) {
    if (!(cause instanceof InvalidPlatformError)) throw cause;
    const hint = "A platform is like linux/amd64 or linux/arm64.";
    throw new ImageError("platform-invalid", `Cannot read the platform "${text}": ${cause.message}`, {
      cause,
      hint,
    });
  }
}

async function openPlatform(
  store: ObjectStore,
  name: string,
  descriptor: Descriptor,
  manifestBytes: Uint8Array,
  manifest: Manifest,
): Promise<Image> {
  const { config } = await readImageConfig(store, name, manifest);
  return {
    name,
    descriptor,
    manifestBytes,
    manifest,
    config,
    platform: formatPlatform(config),
  };
}

function choose(manifests: readonly Descriptor[], platform: Platform | undefined, name: string): Descriptor {
  const images = manifests.filter((entry) => !isAttestation(entry));
  const found = choosePlatform(platform ?? DEFAULT_PLATFORM, images, (entry) => entry.platform);
  const any =
    found ?? (platform === undefined ? images[0] : images.find((entry) => entry.platform === undefined));
  if (any !== undefined) return any;
  const offered = images.map((entry) => (entry.platform ? formatPlatform(entry.platform) : "any"));
  throw new ImageError(
    "platform-unknown",
    `Cannot find ${platform ? formatPlatform(platform) : "an image"} in ${name}: it has ${offered.slice(0, 20).join(", ") || "no images"}`,
  );
}

function readAs<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidDocumentError)) throw cause;
    throw new ImageError("not-an-image", `${name}: ${cause.message}`, { cause });
  }
}
