import type { Descriptor } from "../oci/descriptor.ts";
import { encodeImageIndex, parseImageIndex } from "../oci/image-index.ts";
import { OCI } from "../oci/media-types.ts";
import { sha256 } from "../streams/sha256.ts";
import type { RegistryClient } from "./registry-client.ts";
import { RegistryClientError } from "./registry-client-error.ts";

/**
 * Lists a manifest under the tag that stands for its subject, for a registry that does not list referrers itself
 * (distribution-spec, "Referrers Tag Schema").
 */
export async function listUnderTag(
  registry: RegistryClient,
  name: string,
  subject: string,
  referrer: Descriptor,
): Promise<void> {
  const tag = subject.replace(":", "-").slice(0, 128);
  const listed = await manifestsOf(registry, name, tag);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const bytes = encodeImageIndex({
    schemaVersion: 2,
    mediaType: OCI.index,
    manifests: [...listed, referrer],
  });
  await registry.putManifest(name, tag, { mediaType: OCI.index, digest: sha256(bytes), bytes });
}

async function manifestsOf(registry: RegistryClient, name: string, tag: string): Promise<Descriptor[]> {
  try {
    return parseImageIndex((await registry.manifest(name, tag)).bytes).manifests;
  } catch (error) {
    if (error instanceof RegistryClientError && error.status === 404) return [];
    throw error;
  }
}
