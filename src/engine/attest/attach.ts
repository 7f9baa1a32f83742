import type { Statement } from "../../../schemas/attestations.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { encodeManifest } from "../../oci/manifest.ts";
import { OCI } from "../../oci/media-types.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { hexOf, sha256 } from "../../streams/sha256.ts";

export const IN_TOTO = "application/vnd.in-toto+json";
export const PREDICATE_TYPE = "in-toto.io/predicate-type";
/** image-spec, manifest.md, "Guidance for an Empty Descriptor". */
const empty = new TextEncoder().encode("{}");

/**
 * Stores a statement as an artifact whose subject is the image (image-spec, manifest.md, "Guidelines for Artifact
 * Usage"). The image does not change. Returns the manifest of the artifact.
 */
export async function attach(
  store: ObjectStore,
  repository: string,
  { mediaType, digest, size }: Descriptor,
  statement: Statement,
): Promise<Descriptor> {
  const bytes = new TextEncoder().encode(JSON.stringify(statement));
  const annotations = { [PREDICATE_TYPE]: statement.predicateType };
  const layer = { mediaType: IN_TOTO, digest: await putBlob(store, bytes), size: bytes.length, annotations };
  const config = { mediaType: OCI.empty, digest: await putBlob(store, empty), size: empty.length };
  const registry = new StoreRegistry(store);
  await registry.linkBlobs(repository, [layer.digest, config.digest]);
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: OCI.manifest,
    artifactType: IN_TOTO,
    config,
    layers: [layer],
    subject: { mediaType, digest, size },
    annotations,
  });
  const pushed = await registry.pushManifest(repository, { bytes: manifest, mediaType: OCI.manifest });
  return { mediaType: pushed.mediaType, digest: pushed.digest, size: pushed.size };
}

async function putBlob(store: ObjectStore, bytes: Uint8Array): Promise<string> {
  const digest = sha256(bytes);
  const options = { ifAbsent: true, sha256: hexOf(digest) };
  await store.put(blobKey(digest), bytes, bytes.length, options);
  return digest;
}
