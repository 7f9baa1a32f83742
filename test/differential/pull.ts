import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { digested, flatten } from "./archive/flatten.ts";
import type { Member } from "./archive/member.ts";
import { readTar } from "./archive/read.ts";
import { type ConfigFile, type ImageResult, imageResult } from "./result.ts";

interface Descriptor {
  mediaType: string;
  digest: string;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[] | null;
}

/** An image from a registry. */
interface PulledImage {
  image: ImageResult;
  /** Digests of the uncompressed layers, base first. */
  diffIds: string[];
}

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

async function get(url: string, accept = "*/*"): Promise<Uint8Array> {
  const answer = await fetch(url, { headers: { accept } });
  if (!answer.ok) throw new Error(`Cannot get ${url}: status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Many images have the same base layers. */
const layersByDigest = new Map<string, Promise<Member[]>>();

async function pullLayer(repository: string, { mediaType, digest }: Descriptor): Promise<Member[]> {
  const bytes = await get(`${repository}/blobs/${digest}`);
  return readTar(mediaType.endsWith("zstd") ? zstdDecompressSync(bytes) : gunzipSync(bytes)).map(digested);
}

/**
 * Pulls an image of one platform and merges its layers.
 *
 * @param repository `http://host/v2/<name>`.
 */
export async function pullImage(repository: string, reference: string): Promise<PulledImage> {
  const manifest = parse<Manifest>(await get(`${repository}/manifests/${reference}`, manifestTypes));
  const config = parse<ConfigFile>(await get(`${repository}/blobs/${manifest.config.digest}`));
  const layers = (manifest.layers ?? []).map((layer) => {
    const known = layersByDigest.get(layer.digest) ?? pullLayer(repository, layer);
    layersByDigest.set(layer.digest, known);
    return known;
  });
  const image = imageResult(config, flatten(await Promise.all(layers)));
  return { image, diffIds: config.rootfs.diff_ids ?? [] };
}
