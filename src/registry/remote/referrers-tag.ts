import type { Descriptor } from "../../oci/descriptor.ts";
import { encodeImageIndex, parseImageIndex } from "../../oci/image-index.ts";
import { OCI } from "../../oci/media-types.ts";
import { isAbsent } from "../errors.ts";
import type { RegistryReader, RegistryWriter } from "../registry.ts";

/**
 * Adds a manifest to the index under its subject's referrers tag, for a registry without a referrers list
 * (distribution-spec, "Referrers Tag Schema").
 */
export async function addToReferrersTag(
  registry: RegistryReader & RegistryWriter,
  name: string,
  subject: string,
  referrer: Descriptor,
): Promise<void> {
  const listed = await readReferrersTag(registry, name, subject);
  if (listed.some(({ digest }) => digest === referrer.digest)) return;
  const manifests = [...listed, referrer];
  const bytes = encodeImageIndex({ schemaVersion: 2, mediaType: OCI.index, manifests });
  await registry.pushManifest(name, { bytes, mediaType: OCI.index }, [tagOf(subject)]);
}

/** Reads the index under a subject's referrers tag. */
export async function readReferrersTag(
  registry: RegistryReader,
  name: string,
  subject: string,
): Promise<Descriptor[]> {
  try {
    const { bytes } = await registry.readManifest(name, tagOf(subject));
    return parseImageIndex(bytes).manifests;
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function tagOf(subject: string): string {
  return subject.replace(":", "-").slice(0, 128);
}
