import { parseAnyManifest } from "../oci/any-manifest.ts";
import { type ImageConfig, parseImageConfig } from "../oci/config.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Platform } from "../oci/platform.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { chooseManifest } from "../registry/image-resolver.ts";
import { UpstreamError } from "../registry/remote/remote-error.ts";
import { Upstream } from "../registry/remote/remote-registry.ts";
import { collect } from "../streams/collect.ts";

/** An image of a server, found by the registry API. */
export interface ServerImage {
  config: ImageConfig;
  /** The lowest first. */
  layers: (Descriptor & { diffId: string })[];
  /** The bytes of a layer, verified when they came to their end. */
  blob(descriptor: Descriptor): Promise<AsyncIterable<Uint8Array>>;
}

export interface FindImageOptions {
  /** As `http://localhost:8787`. */
  server: string;
  /** The `Authorization` header of every request to the server. */
  authorization?: string | undefined;
  platform: Platform;
}

const MOST_CONFIG = 4 * 1024 * 1024;
/** Stands for the server, whatever registry a name names: images are the server's own. */
const OWN = "localhost";

/**
 * Finds the image of a name that was built with it, for a platform.
 * @throws {UpstreamError | InvalidReferenceError | InvalidDocumentError}
 */
export async function findServerImage(
  name: string,
  { server, authorization, platform }: FindImageOptions,
): Promise<ServerImage> {
  const base = server.replace(/\/+$/, "");
  const { origin } = new URL(base);
  const upstream = new Upstream({
    policy: { allowLoopback: true },
    mirrors: { [OWN]: base },
    ...(authorization !== undefined && {
      fetch: (url: string, request?: RequestInit) => {
        const headers = new Headers(request?.headers);
        if (new URL(url).origin === origin) headers.set("authorization", authorization);
        return fetch(url, { ...request, headers });
      },
    }),
  });
  const reference = ownReference(name);
  const manifest = await manifestOf(upstream, reference, platform);
  const bytes = await collect(await upstream.blob(reference, manifest.config), MOST_CONFIG);
  const config = parseImageConfig(bytes);
  const { diff_ids } = config.rootfs;
  if (diff_ids.length !== manifest.layers.length) {
    throw new UpstreamError(
      "BAD_ANSWER",
      `${name}: the manifest has ${manifest.layers.length} layers and the config ${diff_ids.length}`,
    );
  }
  return {
    config,
    layers: manifest.layers.map((layer, index) => ({ ...layer, diffId: diff_ids[index] as string })),
    blob: (descriptor) => upstream.blob(reference, descriptor),
  };
}

function ownReference(name: string): Reference {
  const { host, path, ...rest } = parseReference(name);
  return { ...rest, host: OWN, path: host === "docker.io" ? path.replace(/^library\//, "") : path };
}

async function manifestOf(upstream: Upstream, reference: Reference, platform: Platform): Promise<Manifest> {
  let fetched = await upstream.manifest(reference);
  let document = parseAnyManifest(fetched.bytes, fetched.descriptor.mediaType);
  if (document.kind === "index") {
    const { digest } = chooseManifest(document.index, platform, fetched.descriptor.digest);
    fetched = await upstream.manifest({ ...reference, digest });
    document = parseAnyManifest(fetched.bytes, fetched.descriptor.mediaType);
  }
  if (document.kind === "manifest") return document.manifest;
  throw new UpstreamError("BAD_ANSWER", `${fetched.descriptor.digest}: indexes are nested too deeply`);
}
