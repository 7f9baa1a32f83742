import type { Descriptor } from "../oci/descriptor.ts";
import { encodeImageIndex } from "../oci/image-index.ts";
import type { Manifest } from "../oci/manifest.ts";
import { formatPlatform, samePlatform } from "../oci/platform.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { sha256 } from "../streams/sha256.ts";
import {
  chooseImage,
  type Image,
  type NamedManifest,
  openImage,
  openManifest,
  readPlatformName,
} from "./image.ts";
import { ImageError } from "./image-error.ts";

/** The name of an image in an archive. */
export interface ArchiveName {
  /** For display, with a host where needed: `localhost:8787/team/app`. */
  repository: string;
  tag: string;
  /** The full name: `localhost:8787/team/app:1.2`. */
  full: string;
}

/** An image in an archive. */
export interface ArchivedImage {
  names: readonly ArchiveName[];
  /** Descriptor in the archive's `index.json`: of the image's index or manifest, with its annotations. */
  descriptor: Descriptor;
  /** The index, if any, and the manifests. */
  documents: readonly { digest: string; bytes: Uint8Array }[];
  /** The image manifests among them. */
  manifests: readonly Manifest[];
  /** Configs and layers. */
  blobs: readonly Descriptor[];
}

/** Opens one platform of an image. @throws {RegistryError | ImageError} */
export async function archivePlatform(
  store: ObjectStore,
  { name, reference }: { name: string; reference: string },
  platform: string | undefined,
  names: readonly ArchiveName[],
): Promise<ArchivedImage> {
  return ofPlatform(await openImage(store, name, reference, platform), names);
}

/**
 * Opens an image with all its platforms, or with some of them in a new index that lists only those.
 * @throws {RegistryError | ImageError}
 */
export async function archivePlatforms(
  store: ObjectStore,
  { name, reference }: { name: string; reference: string },
  platforms: readonly string[],
  names: readonly ArchiveName[],
): Promise<ArchivedImage> {
  const top = await openManifest(store, name, reference);
  if (top.document.kind === "manifest") return ofPlatform(await chooseImage(store, top, platforms[0]), names);
  const listed = top.document.index.manifests;
  const wanted = platforms.length === 0 ? listed : platforms.map((platform) => find(listed, platform, name));
  const opened = await Promise.all(wanted.map(({ digest }) => openManifest(store, name, digest)));
  const bytes =
    platforms.length === 0
      ? top.bytes
      : encodeImageIndex({ ...top.document.index, manifests: wanted as Descriptor[] });
  const digest = platforms.length === 0 ? top.descriptor.digest : sha256(bytes);
  const manifests = opened.flatMap(({ document }) => (document.kind === "manifest" ? document.manifest : []));
  return {
    names,
    descriptor: { mediaType: top.descriptor.mediaType, digest, size: bytes.length },
    documents: [{ digest, bytes }, ...opened.map(documentOf)],
    manifests,
    blobs: manifests.flatMap(blobsOf),
  };
}

function ofPlatform({ descriptor, manifestBytes, manifest, config }: Image, names: readonly ArchiveName[]) {
  const { os, architecture, variant } = config;
  const platform = { os, architecture, ...(variant && { variant }) };
  return {
    names,
    descriptor: { ...descriptor, platform },
    documents: [{ digest: descriptor.digest, bytes: manifestBytes }],
    manifests: [manifest],
    blobs: blobsOf(manifest),
  };
}

function find(manifests: readonly Descriptor[], text: string, name: string): Descriptor {
  const wanted = readPlatformName(text);
  const found = manifests.find(({ platform }) => platform && samePlatform(platform, wanted));
  if (found !== undefined) return found;
  throw new ImageError("platform-unknown", `Cannot find ${formatPlatform(wanted)} in ${name}`);
}

function documentOf({ descriptor, bytes }: NamedManifest): { digest: string; bytes: Uint8Array } {
  return { digest: descriptor.digest, bytes };
}

function blobsOf({ config, layers }: Manifest): Descriptor[] {
  return [config, ...layers];
}
