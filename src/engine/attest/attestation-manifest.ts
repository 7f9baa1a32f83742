import type { Statement } from "../../../schemas/attestations.ts";
import { blobKey } from "../../oci/content-key.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { encodeManifest } from "../../oci/manifest.ts";
import { OCI } from "../../oci/media-types.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { hexOf, sha256 } from "../../streams/sha256.ts";
import { IN_TOTO, PREDICATE_TYPE } from "./attach.ts";

/**
 * Stores the statements about an image as BuildKit does (docs/attestations/attestation-storage.md): one manifest with a
 * layer for each statement, listed in the index of the image. Returns the index entry.
 */
export async function pushAttestations(
  store: ObjectStore,
  repository: string,
  image: Descriptor,
  statements: readonly Statement[],
): Promise<Descriptor> {
  const registry = new StoreRegistry(store);
  const put = async (mediaType: string, document: object): Promise<Descriptor> => {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    const digest = sha256(bytes);
    const options = { ifAbsent: true, sha256: hexOf(digest) };
    await store.put(blobKey(digest), bytes, bytes.length, options);
    await registry.linkBlobs(repository, [digest]);
    return { mediaType, digest, size: bytes.length };
  };
  const layers: Descriptor[] = [];
  for (const statement of statements) {
    const annotations = { [PREDICATE_TYPE]: statement.predicateType };
    layers.push({ ...(await put(IN_TOTO, statement)), annotations });
  }
  const config = await put(OCI.config, {
    architecture: "unknown",
    os: "unknown",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  });
  const bytes = encodeManifest({ schemaVersion: 2, mediaType: OCI.manifest, config, layers });
  const { mediaType, digest, size } = await registry.pushManifest(repository, {
    bytes,
    mediaType: OCI.manifest,
  });
  return {
    mediaType,
    digest,
    size,
    platform: { architecture: "unknown", os: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": image.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  };
}
