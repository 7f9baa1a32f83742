import { CompressionError } from "../compression/error.ts";
import { blobKey } from "../oci/content-key.ts";
import { BlockContents } from "../rootfs/block-contents.ts";
import { EntryTable } from "../rootfs/entry-table.ts";
import type { ContentsAt } from "../rootfs/node-line.ts";
import { BlockReader } from "../store/block-reader.ts";
import { BlockList } from "../store/blocks.ts";
import { type CompressedFrame, decodeFramed, encodeFramed } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Recent } from "../store/recent.ts";
import { hexOf } from "../streams/sha256.ts";
import { inTurns } from "../streams/turns.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import { Shadow } from "./shadow.ts";

export type LayerCompression = "gzip" | "zstd";

/**
 * A range of a layer's tar that is compressed separately: compressed and uncompressed length, SHA-256 (hex) of the
 * uncompressed bytes.
 */
export type Chunk = readonly [length: number, size: number, sha256: string];

/** The metadata of a layer, without its entries. */
export interface LayerInfo extends ForeignLayer {
  /** For a layer written here: its format and chunks. Places of its entries are offsets in the tar. */
  written?: { compression: LayerCompression; level: number; chunks: readonly Chunk[] };
}

/** A layer with its entries. */
export interface OpenLayer extends LayerInfo {
  tree: EntryTable;
}

const KIND = "table of contents";
/** Increase when the meaning of stored data changes: older data is then recreated. */
const VERSION = 2;

/** Safe to cache: the contents of a digest never change. */
const recent = new Recent<OpenLayer>();

export function tocKey(digest: string): string {
  return `tocs/${hexOf(digest)}`;
}

/** Key of a table of contents that only one scope trusts, because an untrusted runner wrote it. */
export function scopedTocKey(scope: string, digest: string): string {
  return `scopes/${scope}/${tocKey(digest)}`;
}

/** Encodes a table of contents; `frames` are the lines of the entries. */
export function encodeToc(info: LayerInfo, frames: readonly CompressedFrame[]): Uint8Array[] {
  return encodeFramed(KIND, VERSION, info, frames);
}

/** @throws {TypeError} for bytes that are not a table of contents of this layer in the current version */
export async function decodeToc(store: ObjectStore, digest: string, bytes: Uint8Array): Promise<OpenLayer> {
  const toc = decodeFramed<LayerInfo>(bytes, KIND, VERSION);
  const { size, mediaType, diffId, written } = toc.header;
  if (toc.header.digest !== digest)
    throw new TypeError(`Cannot read a stored ${KIND}: it is not that of ${digest}`);
  const info: LayerInfo = { digest, size, mediaType, diffId, ...(written && { written }) };
  return withTable(store, info, await inTurns(EntryTable.fromLines(toc.frames())));
}

/**
 * Opens the layer with this digest; undefined when its table of contents is missing, damaged or in another version.
 * @param key key of the table of contents
 */
export async function openLayer(
  store: ObjectStore,
  digest: string,
  key = tocKey(digest),
): Promise<OpenLayer | undefined> {
  const known = recent.get(store, key);
  // Readers of contents are created for each request, because a stream belongs to the request that opened it.
  if (known !== undefined) return withTable(store, known.value, known.value.tree);
  const bytes = await store.getBytes(key);
  if (bytes === undefined) return undefined;
  try {
    const layer = await decodeToc(store, digest, bytes);
    const memory = layer.tree.memory + CHUNK * (layer.written?.chunks.length ?? 0);
    recent.set(store, key, { ...layer, tree: layer.tree.withContents() }, { size: bytes.length, memory });
    return layer;
  } catch (error) {
    if (UNREADABLE.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

/** Memory of a chunk in a table of contents, in bytes. */
const CHUNK = 160;

/** The errors of reading something other than a table of contents. */
const UNREADABLE = [TypeError, SyntaxError, RangeError, CompressionError];

/** A layer with the table of its entries, and readers of their contents. */
export function withTable(store: ObjectStore, info: LayerInfo, table: EntryTable): OpenLayer {
  return { ...info, tree: table.withContents(contentsOf(store, info)) };
}

/** A place is an offset: in the tar for a layer written here, else in the layer's shadow. */
function contentsOf(store: ObjectStore, info: LayerInfo): ContentsAt {
  const { written } = info;
  if (written === undefined) {
    const shadow = new Shadow(store, info);
    return (place, size) => shadow.contents(place as number, size);
  }
  const list = new BlockList(blobKey(info.digest), written.compression, written.chunks);
  const reader = new BlockReader(store);
  return (place, size) => new BlockContents(reader, list, place as number, size);
}
