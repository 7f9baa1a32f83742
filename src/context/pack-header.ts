import { decodePack, type Pack, type PackContents } from "./pack.ts";
import { PackError } from "./pack-error.ts";

/** Largest pack that a client may send, in bytes. */
export const MAX_PACK = 32 * 1024 * 1024;
/** Maximum number of bytes before the first block, mainly the list of files. */
export const MAX_PACK_HEADER = 2 * 1024 * 1024;
/** Maximum number of files of a pack, as many as fit in the header. */
export const MAX_PACKED_FILES = 16_384;
/** Maximum size in bytes of the data, which places count in 32 bits. */
const MAX_PACK_DATA = 512 * 1024 * 1024;
const MAX_BLOCK = 1024 * 1024;
const MAX_BLOCKS = 16_384;

const HEX = /^[0-9a-f]{64}$/;

/** The validated header of a pack. */
export interface PackHeader extends PackContents {
  offset: number;
  blocks: Pack["blocks"];
  /** Bytes of data in all blocks. */
  size: number;
}

/**
 * Parses the untrusted bytes of a pack before its first block.
 * @throws {PackError}
 */
export function readPackHeader(bytes: Uint8Array, digest: string): PackHeader {
  const wrong = (reason: string, cause?: unknown) => new PackError(digest, reason, { cause });
  let header: Omit<PackHeader, "size">;
  try {
    const { offset, blocks, files, part } = decodePack(bytes);
    header = { offset, blocks, files, ...(part !== undefined && { part }) };
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error), error);
  }
  const { blocks, files, part } = header;
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > MAX_BLOCKS) {
    throw wrong(`it must have from 1 to ${MAX_BLOCKS} blocks`);
  }
  let size = 0;
  for (const block of blocks) {
    if (!isPair(block) || !isCount(block[0], MAX_BLOCK * 2) || !isCount(block[1], MAX_BLOCK)) {
      throw wrong(`a block has at most ${MAX_BLOCK} bytes`);
    }
    size += block[1];
  }
  if (size > MAX_PACK_DATA) throw wrong(`its blocks have more than ${MAX_PACK_DATA} bytes`);
  if (!Array.isArray(files) || files.length > MAX_PACKED_FILES) {
    throw wrong(`it has more than ${MAX_PACKED_FILES} files`);
  }
  if (part === undefined) checkFiles(files, size, wrong);
  else if (files.length > 0 || !isPair(part) || !isHex(part[0]) || !isCount(part[1] + 1)) {
    throw wrong("its part of a file is not given as a digest and an offset");
  }
  return { ...header, size };
}

function checkFiles(files: readonly unknown[], size: number, wrong: (reason: string) => PackError): void {
  let sum = 0;
  for (const file of files) {
    if (!isPair(file) || !isHex(file[0]) || !isCount(file[1])) {
      throw wrong("a file in it is not given as a digest and a size");
    }
    sum += file[1];
  }
  if (sum !== size) throw wrong(`its files have ${sum} bytes, and its blocks ${size}`);
}

function isPair(value: unknown): value is readonly [unknown, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[1] === "number";
}

/** Whether a value is a positive integer up to `most`. */
function isCount(value: unknown, most = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most;
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && HEX.test(value);
}
