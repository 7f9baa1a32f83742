import { decompress } from "../compression/decompress.ts";
import { COMPRESS_COST } from "../compression/members.ts";
import { blobKey } from "../oci/content-key.ts";
import { layerCompression } from "../oci/media-types.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import { type CompressedFrame, compressFrame } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { chunks } from "../streams/chunks.ts";
import { concat } from "../streams/concat.ts";
import { Digester, hashWhileReading, sha256 } from "../streams/sha256.ts";
import { inTurns, spend } from "../streams/turns.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { readTar, type TarMember } from "../tar/read.ts";
import { LAYER_LIMITS } from "./limits.ts";
import { encodeToc, type LayerInfo, type OpenLayer, openLayer, tocKey, withTable } from "./toc.ts";

/** A layer as manifest and config describe it. */
export type ForeignLayer = Pick<LayerInfo, "digest" | "size" | "mediaType" | "diffId">;

/** The blob is not a file system layer. */
export class LayerTypeError extends Error {
  override name = "LayerTypeError";
}

/** Opens a layer's table of contents, creating it from the blob when there is none. See `ingestLayer`. */
export async function openOrIngestLayer(store: ObjectStore, layer: ForeignLayer): Promise<OpenLayer> {
  return (await openLayer(store, layer.digest)) ?? ingestLayer(store, layer);
}

/**
 * Reads a foreign layer from the store in one pass, and stores its table of contents.
 * @throws {ContentMismatchError} when its tar does not match the diffID
 * @throws {LayerTypeError} for a media type that is not a layer's
 * @throws {TarError | CompressionError | EntryError} for an invalid layer
 */
export async function ingestLayer(store: ObjectStore, layer: ForeignLayer): Promise<OpenLayer> {
  const { digest, size, mediaType, diffId } = layer;
  if (layerCompression(mediaType) === undefined) {
    throw new LayerTypeError(`no layer has the media type "${mediaType}"`);
  }
  const stream = await store.get(blobKey(digest));
  if (stream === undefined) throw new Error(`Cannot read layer ${digest}: its blob is not stored`);
  const { body } = await decompress(chunks(stream), LAYER_LIMITS);
  const tar = new Digester();
  const builder = new TableBuilder({ maxEntries: LAYER_LIMITS.maxEntries, lowerLayers: true });
  /** Bytes of all files so far: the offset of the next one in the layer's shadow. */
  let place = 0;
  let work = 0;
  for await (const member of readTar(hashWhileReading(body, tar), LAYER_LIMITS)) {
    const { entry } = member;
    const turn = spend(builder.work - work);
    work = builder.work;
    if (turn !== undefined) await turn;
    if (entry.type !== "file") {
      builder.add(entry);
      continue;
    }
    builder.add({ ...entry, digest: await hashContents(member) }, place);
    place += entry.size;
  }
  const actual = tar.digest();
  if (actual !== diffId) throw new ContentMismatchError(diffId, actual);
  const table = await inTurns(builder.finishing());
  const frames: CompressedFrame[] = [];
  for (const { bytes } of table.chunks()) {
    const turn = spend(COMPRESS_COST * bytes.length);
    if (turn !== undefined) await turn;
    frames.push(compressFrame(bytes));
  }
  const info: LayerInfo = { digest, size, mediaType, diffId };
  const toc = concat(encodeToc(info, frames));
  await store.put(tocKey(digest), toc, toc.length);
  return withTable(store, info, table);
}

async function hashContents({ bytes, body }: TarMember): Promise<string> {
  if (bytes !== undefined) return sha256(bytes);
  const digester = new Digester();
  for await (const chunk of body) digester.update(chunk);
  return digester.digest();
}
