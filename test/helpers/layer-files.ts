import { decompress } from "../../src/compression/decompress.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { collect } from "../../src/streams/collect.ts";
import { singleChunk } from "../../src/streams/single-chunk.ts";
import { readTar } from "../../src/tar/read.ts";

/** Paths and texts of a stored layer; a directory ends with `/`. */
export async function layerFiles(
  { BUCKET }: { BUCKET: R2Bucket },
  digest = "",
): Promise<Record<string, string>> {
  const object = await BUCKET.get(blobKey(digest));
  if (object === null) throw new Error(`Cannot find the layer ${digest}`);
  const bytes = new Uint8Array(await object.arrayBuffer());
  const { body } = await decompress(singleChunk(bytes), { maxBytes: 2 ** 30 });
  const files: Record<string, string> = {};
  for await (const { entry, body: contents } of readTar(body)) {
    const path = entry.type === "dir" ? `${entry.path}/` : entry.path;
    files[path] = new TextDecoder().decode(await collect(contents, 2 ** 20));
  }
  return files;
}
