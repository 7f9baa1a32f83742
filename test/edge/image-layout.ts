import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archive, member } from "../tar/archive.ts";

/**
 * Writes an OCI image layout whose image, tagged `1`, has layers of about so many bytes that do not compress.
 */
export async function writeLargeLayout(folder: string, sizes: readonly number[]): Promise<void> {
  const blobs = join(folder, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const add = async (mediaType: string, bytes: Uint8Array) => {
    const encoded = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(blobs, encoded), bytes);
    return { mediaType, digest: `sha256:${encoded}`, size: bytes.length };
  };
  const json = (mediaType: string, value: unknown) =>
    add(mediaType, new TextEncoder().encode(JSON.stringify(value)));
  const layers = [];
  for (const [index, size] of sizes.entries()) {
    const bytes = archive(member({ path: `random-${index}` }, randomBytes(size)));
    layers.push(await add("application/vnd.oci.image.layer.v1.tar", bytes));
  }
  const config = await json("application/vnd.oci.image.config.v1+json", {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await json(mediaType, { schemaVersion: 2, mediaType, config, layers });
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": "1" } };
  await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}
