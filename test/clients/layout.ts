import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requireDigest } from "../../src/oci/digest.ts";
import { encodeImageIndex } from "../../src/oci/image-index.ts";
import { OCI } from "../../src/oci/media-types.ts";
import type { TestImage } from "../registry/test-image.ts";

/** Writes an OCI image layout (image-spec, image-layout.md) with one image, tagged `1`. */
export async function writeLayout(folder: string, image: TestImage): Promise<void> {
  const named = { ...image.descriptor, annotations: { "org.opencontainers.image.ref.name": "1" } };
  const index = encodeImageIndex({ schemaVersion: 2, mediaType: OCI.index, manifests: [named] });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, "index.json"), index);
  for (const { descriptor, bytes } of [image, ...image.manifests, ...image.blobs]) {
    const { algorithm, encoded } = requireDigest(descriptor.digest);
    await mkdir(join(folder, "blobs", algorithm), { recursive: true });
    await writeFile(join(folder, "blobs", algorithm, encoded), bytes);
  }
}

/** The contents of a layout, by digest. */
export async function readLayout(folder: string): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  const blobs = join(folder, "blobs", "sha256");
  for (const name of (await readdir(blobs)).sort()) {
    contents.set(`sha256:${name}`, new Uint8Array(await readFile(join(blobs, name))));
  }
  return contents;
}
