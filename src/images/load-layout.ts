import { type AnyManifest, isContainerImage, parseAnyManifest } from "../oci/any-manifest.ts";
import { parseImageConfig } from "../oci/config.ts";
import { blobKey } from "../oci/content-key.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../oci/document.ts";
import { isAttestation, MAX_NESTING, parseImageIndex } from "../oci/image-index.ts";
import { ociLayerType } from "../oci/layer-type.ts";
import type { Manifest } from "../oci/manifest.ts";
import { isNondistributable, layerCompression } from "../oci/media-types.ts";
import type { StoreRegistry } from "../registry/store/store-registry.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { layoutPath } from "./archive.ts";
import { type ArchiveFiles, invalid } from "./archive-files.ts";
import type { UnpackedImage } from "./unpacked-image.ts";
import { verifyForeignLayer } from "./verify-layer.ts";

/** Maximum number of manifests of all images of an archive. */
const MAX_DOCUMENTS = 1000;

/** A manifest or an index, with the manifests it lists. */
interface Document {
  descriptor: Descriptor;
  bytes: Uint8Array;
  parsed: AnyManifest;
  children: Document[];
}

/**
 * Reads the images of an OCI layout without changing any bytes.
 * @param options `isPicky`: return undefined when the docker part of the archive is a better source, because platforms are
 * missing, as in partial exports of containerd, or layers are not compressed, as in exports of docker
 * @throws {ImageError} `archive-invalid`
 */
export async function readLayoutImages(
  store: ObjectStore,
  files: ArchiveFiles,
  index: Uint8Array,
  { isPicky }: { isPicky: boolean },
): Promise<UnpackedImage[] | undefined> {
  const images = new Map<string, { descriptor: Descriptor; names: string[] }>();
  for (const descriptor of parseOrReject("index.json", () => parseImageIndex(index)).manifests) {
    const image = images.get(descriptor.digest) ?? { descriptor, names: [] };
    image.names.push(...nameOf(descriptor));
    images.set(descriptor.digest, image);
  }
  const reader = new LayoutReader(files);
  const verified: VerifiedLayers = new Map();
  const found: UnpackedImage[] = [];
  for (const { descriptor, names } of images.values()) {
    const document =
      isPicky && !reader.has(descriptor) ? undefined : await reader.read(descriptor, MAX_NESTING, isPicky);
    if (document === undefined || (isPicky && hasPlainLayers(document))) return undefined;
    await verifyDocument(store, files, document, verified);
    found.push({
      names,
      imageId: firstConfig(document),
      put: (registry, name) => pushDocument(registry, name, document),
    });
  }
  return found;
}

/** Reads manifests from an archive. */
class LayoutReader {
  readonly #files: ArchiveFiles;
  #count = 0;

  constructor(files: ArchiveFiles) {
    this.#files = files;
  }

  has({ digest }: Descriptor): boolean {
    return this.#files.find(layoutPath(digest)) !== undefined;
  }

  /** @returns undefined when `isPicky` is set and something that the document lists is missing */
  async read(descriptor: Descriptor, nesting: number, isPicky: boolean): Promise<Document | undefined> {
    this.#count += 1;
    if (this.#count > MAX_DOCUMENTS) throw invalid(`it has more than ${MAX_DOCUMENTS} manifests`);
    const bytes = await this.#files.readDocument(layoutPath(descriptor.digest));
    const document = parseOrReject(descriptor.digest, () => parseAnyManifest(bytes, descriptor.mediaType));
    const children: Document[] = [];
    for (const child of document.kind === "index" ? document.index.manifests : []) {
      if (nesting === 0) throw invalid("its indexes are nested too deeply");
      const opened = isPicky && !this.has(child) ? undefined : await this.read(child, nesting - 1, isPicky);
      if (opened === undefined) return undefined;
      children.push(opened);
    }
    return { descriptor, bytes, parsed: document, children };
  }
}

/** DiffIDs of verified layers by digest, so that shared layers are verified once. */
type VerifiedLayers = Map<string, string>;

/** Checks that everything a manifest lists is present, and that layers match their configs. */
async function verifyDocument(
  store: ObjectStore,
  files: ArchiveFiles,
  document: Document,
  verified: VerifiedLayers,
): Promise<void> {
  for (const child of document.children) await verifyDocument(store, files, child, verified);
  if (document.parsed.kind === "index") return;
  const { manifest } = document.parsed;
  const layers = manifest.layers.filter(({ mediaType }) => !isNondistributable(mediaType));
  for (const { digest, size } of [manifest.config, ...layers]) {
    // Blobs in the store do not count: a client must have the whole image to load it.
    const file = files.find(layoutPath(digest));
    // A link may lead to a file with another digest.
    if (file?.digest !== digest) throw invalid(`it has no blob ${digest}`);
    if (file.size !== size) throw invalid(`${digest} has ${file.size} bytes but its manifest states ${size}`);
  }
  const isImage = isContainerImage(manifest) && !isAttestation(document.descriptor);
  if (!isImage || layers.some(({ mediaType }) => layerCompression(mediaType) === undefined)) return;
  await verifyLayers(store, manifest, verified);
}

async function verifyLayers(store: ObjectStore, manifest: Manifest, verified: VerifiedLayers): Promise<void> {
  if (manifest.config.size > MAX_DOCUMENT) throw invalid(`a config has ${manifest.config.size} bytes`);
  const config = await store.getBytes(blobKey(manifest.config.digest));
  if (config === undefined) throw new Error(`Cannot read ${manifest.config.digest}: it is not stored`);
  const { diff_ids: diffIds } = parseOrReject(manifest.config.digest, () => parseImageConfig(config)).rootfs;
  if (diffIds.length !== manifest.layers.length) {
    throw invalid(`a manifest has ${manifest.layers.length} layers but its config ${diffIds.length}`);
  }
  for (const [index, { digest, size, mediaType }] of manifest.layers.entries()) {
    const diffId = diffIds[index] as string;
    if (isNondistributable(mediaType) || verified.get(digest) === diffId) continue;
    await verifyForeignLayer(store, { digest, size, mediaType: ociLayerType(mediaType), diffId });
    verified.set(digest, diffId);
  }
}

async function pushDocument(registry: StoreRegistry, name: string, document: Document) {
  for (const child of document.children) await pushDocument(registry, name, child);
  if (document.parsed.kind === "manifest") {
    const { config, layers } = document.parsed.manifest;
    const blobs = [config, ...layers.filter(({ mediaType }) => !isNondistributable(mediaType))];
    await registry.linkBlobs(
      name,
      blobs.map(({ digest }) => digest),
    );
  }
  const { mediaType, digest } = document.descriptor;
  return registry.pushManifest(name, { bytes: document.bytes, mediaType, digest });
}

function hasPlainLayers({ parsed: document, children }: Document): boolean {
  if (document.kind === "index") return children.some(hasPlainLayers);
  return document.manifest.layers.some(({ mediaType }) => layerCompression(mediaType) === "none");
}

function firstConfig({ parsed: document, children, descriptor }: Document): string | undefined {
  if (document.kind === "index") return children.map(firstConfig).find((digest) => digest !== undefined);
  const isImage = isContainerImage(document.manifest) && !isAttestation(descriptor);
  return isImage ? document.manifest.config.digest : undefined;
}

/** Names of an entry of the layout's index: a full name from containerd, or the name that the user gave. */
function nameOf({ annotations = {} }: Descriptor): string[] {
  const full = annotations["io.containerd.image.name"];
  const given = annotations["org.opencontainers.image.ref.name"] ?? "";
  if (full !== undefined) return [full];
  // A tag alone does not name a repository.
  return /[/:]/.test(given) ? [given] : [];
}

function parseOrReject<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof InvalidDocumentError)) throw cause;
    throw invalid(`${what}: ${cause.message}`, cause);
  }
}
