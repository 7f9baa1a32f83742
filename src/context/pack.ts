import { BlockList } from "../store/blocks.ts";
import { decodeFramed, encodeFramed } from "../store/framed.ts";

/** A pack as those need to know it who read files out of it. */
export interface Pack {
  /** `sha256:<hex>` of the object. */
  digest: string;
  /** Bytes of the object before its first block. */
  offset: number;
  /** Lengths of the blocks, compressed and decompressed. */
  blocks: readonly (readonly [length: number, size: number])[];
}

/** A file in a pack: hex SHA-256 and bytes. They lie in the data of the blocks in this order, without gaps. */
export type PackedFile = readonly [sha256: string, size: number];

const KIND = "pack";
const VERSION = 1;

export function packKey(digest: string): string {
  return `packs/${digest.slice(digest.indexOf(":") + 1)}`;
}

/**
 * The bytes of a pack, in parts. A pack has contents of whole files, or a stretch of one large file, and then no
 * list.
 */
export function encodePack(
  blocks: readonly Uint8Array[],
  lengths: Pack["blocks"],
  files: readonly PackedFile[],
): { parts: Uint8Array[]; offset: number } {
  const frames = blocks.map((bytes, i) => ({ bytes, size: lengths[i]?.[1] ?? 0 }));
  const parts = encodeFramed(KIND, VERSION, { files }, frames);
  const [prefix, header] = parts;
  return { parts, offset: (prefix?.length ?? 0) + (header?.length ?? 0) };
}

/** Reads what `encodePack` wrote. Throws `TypeError` for anything else. */
export function decodePack(bytes: Uint8Array): {
  offset: number;
  blocks: Pack["blocks"];
  files: readonly PackedFile[];
  data(): Iterable<Uint8Array>;
} {
  const { header, offset, frames } = decodeFramed<{ files: PackedFile[] }>(bytes, KIND, VERSION);
  return { offset, blocks: header.frames, files: header.files, data: frames };
}

export function packBlocks({ digest, offset, blocks }: Pack): BlockList {
  return new BlockList(packKey(digest), "zstd", blocks, offset);
}
