import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAnyManifest } from "../../oci/any-manifest.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { InvalidDocumentError } from "../../oci/document.ts";
import { parseImageIndex } from "../../oci/image-index.ts";
import { isAbsent } from "../../registry/errors.ts";
import type { Registry } from "../../registry/registry.ts";
import { sha256 } from "../../streams/sha256.ts";
import { verifyChunks } from "../../streams/verify.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { ClientStep } from "../build/client-step.ts";
import { CommandError } from "../command-error.ts";
import { openOwnRegistry } from "../outputs/push-image.ts";
import { readPlace } from "./oci-layout-place.ts";

/** Repository of the server that takes in layouts of this machine. */
const REPOSITORY = "varve/layouts";

/**
 * Uploads an image of an OCI layout to the server, and returns its reference there.
 * @param text `PATH`, `PATH:TAG` or `PATH@DIGEST`
 * @throws {CommandError}
 */
export async function sendLayout(
  name: string,
  text: string,
  { flags, progress }: BuildTools,
): Promise<string> {
  const { path, wanted } = readPlace(text);
  const step = new ClientStep(progress, `[context ${name}] load from OCI layout`);
  step.start();
  const layout = new Layout(path);
  const { digest } = layout.find(wanted);
  const registry = await openOwnRegistry(flags);
  await send(layout, digest, registry, step);
  step.done();
  return `docker-image://${new URL(flags.server).host}/${REPOSITORY}@${digest}`;
}

async function send(layout: Layout, digest: string, registry: Registry, step: ClientStep): Promise<void> {
  const bytes = layout.read(digest);
  const read = parseAnyManifest(bytes);
  const { mediaType } = read.kind === "index" ? read.index : read.manifest;
  if (read.kind === "index") {
    for (const child of read.index.manifests) await send(layout, child.digest, registry, step);
  } else {
    for (const blob of [read.manifest.config, ...read.manifest.layers]) {
      if (await has(registry, blob.digest)) continue;
      await registry.pushBlob(REPOSITORY, blob, async () => layout.blob(blob));
      step.report(`layer ${blob.digest.slice(0, 19)}`, blob.size, blob.size);
    }
  }
  await registry.pushManifest(REPOSITORY, { mediaType, digest, bytes });
}

async function has(registry: Registry, digest: string): Promise<boolean> {
  try {
    await registry.resolveBlob(REPOSITORY, digest);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** A folder in the form of the image-spec, image-layout.md. */
class Layout {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The named manifest or index; without a name, the only one. */
  find(wanted: { tag?: string; digest?: string }): Descriptor {
    const { manifests } = this.#index();
    const found = manifests.filter(({ digest, annotations }) => {
      if (wanted.digest !== undefined) return digest === wanted.digest;
      if (wanted.tag === undefined) return true;
      return annotations?.["org.opencontainers.image.ref.name"] === wanted.tag;
    });
    const [only] = found;
    if (only !== undefined && found.every(({ digest }) => digest === only.digest)) return only;
    const what = wanted.digest ?? wanted.tag ?? "exactly one image";
    throw new CommandError(
      `${this.#path} does not contain ${what}`,
      "Add a tag or digest: oci-layout://PATH:TAG or oci-layout://PATH@DIGEST",
    );
  }

  read(digest: string): Uint8Array {
    const bytes = this.#file(blobPath(digest));
    if (sha256(bytes) !== digest) throw new CommandError(`${this.#path}: ${digest} is damaged`);
    return bytes;
  }

  blob(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return verifyChunks(createReadStream(join(this.#path, blobPath(descriptor.digest))), descriptor);
  }

  #index() {
    try {
      return parseImageIndex(this.#file("index.json"));
    } catch (error) {
      if (error instanceof InvalidDocumentError)
        throw new CommandError(`${this.#path} is not an OCI layout: ${error.message}`);
      throw error;
    }
  }

  #file(path: string): Uint8Array {
    try {
      return readFileSync(join(this.#path, path));
    } catch (error) {
      throw new CommandError(`${this.#path} is not an OCI layout: ${(error as Error).message}`);
    }
  }
}

function blobPath(digest: string): string {
  if (!/^sha(256|512):[0-9a-f]+$/.test(digest)) throw new CommandError(`"${digest}" is not a digest`);
  return join("blobs", digest.replace(":", "/"));
}
