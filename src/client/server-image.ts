import { parseAnyManifest } from "../oci/any-manifest.ts";
import { type ImageConfig, parseImageConfig } from "../oci/config.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { MAX_DOCUMENT } from "../oci/document.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import { RegistryError } from "../registry/errors.ts";
import { chooseManifest } from "../registry/image-resolver.ts";
import { repositoryOf } from "../registry/names.ts";
import type { RegistryReader } from "../registry/registry.ts";
import { RemoteRegistry } from "../registry/remote/remote-registry.ts";
import { chunks } from "../streams/chunks.ts";
import { collect } from "../streams/collect.ts";
import { trimEnd } from "../streams/trim-end.ts";

/** An image of a server or another registry, read through the registry API. */
export interface ServerImage {
  config: ImageConfig;
  /** The lowest first. */
  layers: (Descriptor & { diffId: string })[];
  /** The bytes of a layer. The end of the stream verifies them. */
  blob(descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>>;
}

export interface FindImageOptions {
  /** For example `http://localhost:8787`. */
  server: string;
  /** The `Authorization` header of every request to the server. */
  authorization?: string | undefined;
  platform: Platform;
}

/**
 * Finds the image with a name, for a platform.
 * @throws {RegistryError | InvalidReferenceError | InvalidDocumentError}
 */
export async function findServerImage(
  text: string,
  { server, authorization, platform }: FindImageOptions,
): Promise<ServerImage> {
  const registry = new RemoteRegistry({ base: trimEnd(server, "/"), authorization });
  return readRegistryImage(registry, readName(text, server), platform);
}

/**
 * Reads an image of any registry, for a platform.
 * @throws {RegistryError | InvalidDocumentError}
 */
export async function readRegistryImage(
  registry: RegistryReader,
  { name, reference }: { name: string; reference: string },
  platform: Platform,
): Promise<ServerImage> {
  const manifest = await manifestOf(registry, name, reference, platform);
  const blob = async (descriptor: Descriptor) => chunks(await registry.readBlob(name, descriptor));
  const config = parseImageConfig(await collect(await blob(manifest.config), MAX_DOCUMENT));
  const { diff_ids } = config.rootfs;
  if (diff_ids.length !== manifest.layers.length) {
    throw new RegistryError(
      "BAD_ANSWER",
      `${name}:${reference}: the manifest has ${manifest.layers.length} layers and the config ${diff_ids.length}`,
    );
  }
  return {
    config,
    layers: manifest.layers.map((layer, index) => ({ ...layer, diffId: diff_ids[index] as string })),
    blob,
  };
}

/** Repository and reference at the server. */
function readName(text: string, server: string): { name: string; reference: string } {
  const { tag = "latest", digest = tag, ...reference } = parseReference(text);
  return { name: repositoryOf(reference, new URL(server).host), reference: digest };
}

async function manifestOf(
  registry: RegistryReader,
  name: string,
  reference: string,
  platform: Platform,
): Promise<Manifest> {
  let stored = await registry.readManifest(name, reference);
  let document = parseAnyManifest(stored.bytes, stored.descriptor.mediaType);
  if (document.kind === "index") {
    const { digest } = chooseManifest(document.index, platform, stored.descriptor.digest);
    stored = await registry.readManifest(name, digest);
    document = parseAnyManifest(stored.bytes, stored.descriptor.mediaType);
  }
  if (document.kind === "manifest") return document.manifest;
  throw new RegistryError("BAD_ANSWER", `${stored.descriptor.digest}: indexes are nested too deeply`);
}
