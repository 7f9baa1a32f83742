import { COMPRESS_COST } from "../compression/members.ts";
import { layerCompression } from "../oci/media-types.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import { type CompressedFrame, compressFrame } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { concat } from "../streams/concat.ts";
import { Digester, hashWhileReading, sha256 } from "../streams/sha256.ts";
import { inTurns, spend } from "../streams/turns.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { readTar, type TarMember } from "../tar/read.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { makeElsewhere } from "./foreign-workers.ts";
import { openTar } from "./layer-tar.ts";
import { LAYER_LIMITS } from "./limits.ts";
import { LayerRefusedError } from "./refusal.ts";
import { encodeToc, type LayerInfo, type OpenLayer, openLayer, tocKey, withTable } from "./toc.ts";

/** Opens a layer's table of contents, creating it from the blob when there is none. See `ingestLayer`. */
export async function openOrIngestLayer(store: ObjectStore, layer: ForeignLayer): Promise<OpenLayer> {
  const known = await openLayer(store, layer.digest);
  if (known === undefined) return ingestLayer(store, layer);
  // A config can claim any diffID: whether that is an error must not depend on other images with the layer.
  if (known.diffId !== layer.diffId) throw new ContentMismatchError(layer.diffId, known.diffId);
  return known;
}

/**
 * Reads a foreign layer from the store in one pass, and stores its table of contents.
 * @throws {ContentMismatchError} when its tar does not match the diffID
 * @throws {TarError | CompressionError | EntryError} for an invalid layer
 * @throws {LayerRefusedError} for a media type that is not a layer's, and for an invalid layer that another invocation has read
 */
export async function ingestLayer(store: ObjectStore, layer: ForeignLayer): Promise<OpenLayer> {
  const { digest, mediaType } = layer;
  if (layerCompression(mediaType) === undefined) {
    throw new LayerRefusedError(`no layer has the media type "${mediaType}"`);
  }
  if (!(await makeElsewhere(store, layer, "toc")))
    return storeToc(store, layer, await openTar(store, digest));
  const opened = await openLayer(store, digest);
  if (opened === undefined) throw new Error(`Cannot read layer ${digest}: its table of contents was deleted`);
  return opened;
}

/** Reads the tar of a foreign layer, and stores its table of contents. Its errors are those of `ingestLayer`. */
export async function storeToc(
  store: ObjectStore,
  { digest, size, mediaType, diffId }: ForeignLayer,
  body: AsyncIterable<Uint8Array>,
): Promise<OpenLayer> {
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
  const table = await inTurns(builder.finishInPieces());
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
