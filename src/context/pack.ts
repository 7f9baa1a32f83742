import { BlockList } from "../store/blocks.ts";
import { decodeFramed, encodeFramed } from "../store/framed.ts";
import { hexOf } from "../streams/sha256.ts";

/** A pack, as needed to read files from it. */
export interface Pack {
  /** `sha256:<hex>` of the object. */
  digest: string;
  /** Bytes of the object before its first block. */
  offset: number;
  /** Lengths of the blocks, compressed and decompressed. */
  blocks: readonly (readonly [length: number, size: number])[];
}

/** A file in a pack: hex SHA-256 and size. Files are stored in this order in the data of the blocks, without gaps. */
export type PackedFile = readonly [sha256: string, size: number];

/** The part of a large file that a pack consists of: hex SHA-256 of the whole file, and the offset in it. */
type PackedPart = readonly [sha256: string, at: number];

/**
 * The contents of a pack: whole files, or a part of one. Packs that the server creates do not record the file of a
 * part.
 */
export interface PackContents {
  files: readonly PackedFile[];
  part?: PackedPart;
}

const KIND = "pack";
const VERSION = 1;

export function packKey(digest: string): string {
  return `packs/${hexOf(digest)}`;
}

/** Encodes a pack, in chunks. */
export function encodePack(
  blocks: readonly Uint8Array[],
  lengths: Pack["blocks"],
  contents: PackContents,
): { parts: Uint8Array[]; offset: number } {
  const frames = blocks.map((bytes, i) => ({ bytes, size: lengths[i]?.[1] ?? 0 }));
  const parts = encodeFramed(KIND, VERSION, contents, frames);
  const [prefix, header] = parts;
  return { parts, offset: (prefix?.length ?? 0) + (header?.length ?? 0) };
}

/**
 * Decodes a pack written by `encodePack`: everything before the first block except the data.
 * @throws {TypeError} for anything else
 */
export function decodePack(bytes: Uint8Array): PackContents & {
  offset: number;
  blocks: Pack["blocks"];
  data(): Iterable<Uint8Array>;
} {
  const { header, offset, frames } = decodeFramed<PackContents>(bytes, KIND, VERSION);
  const { files, part } = header;
  return { offset, blocks: header.frames, files, ...(part && { part }), data: frames };
}

export function packBlocks({ digest, offset, blocks }: Pack): BlockList {
  return new BlockList(packKey(digest), "zstd", blocks, offset);
}
