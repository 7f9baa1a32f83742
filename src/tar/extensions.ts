import type { ByteReader } from "../streams/byte-reader.ts";
import { HeaderError, truncatedError } from "./error.ts";
import { type Header, paddingSize } from "./header.ts";
import { type PaxRecords, readPax } from "./pax.ts";
import { decodeName } from "./text.ts";

/** The extended headers of a member. */
export interface Extensions {
  readonly records: PaxRecords;
  /** GNU's long names, which override the records. */
  readonly name?: string;
  readonly linkname?: string;
}

export const NO_EXTENSIONS: Extensions = { records: new Map() };

/** `x`: pax. `g`: pax for all following members. `L`, `K`: GNU's long names. */
const FLAGS = "xgLK";

export function isExtension(header: Header): boolean {
  return FLAGS.includes(header.type);
}

/**
 * Reads an extended header and adds it to the previous ones. Like BuildKit, ignores the records of global extended headers,
 * which must be valid.
 */
export async function readExtension(
  header: Header,
  reader: ByteReader,
  before: Extensions,
  maxBytes: number,
): Promise<Extensions> {
  const { size, type } = header;
  if (size < 0 || size > maxBytes) throw new HeaderError(`extended header of ${size} bytes`);
  const bytes = reader.take(size) ?? (await reader.read(size));
  if (bytes.length < size) throw truncatedError(header.name, size - bytes.length);
  await reader.skip(paddingSize(size));
  if (type === "x") return { ...before, records: readPax(bytes) };
  if (type === "g") readPax(bytes);
  if (type === "L") return { ...before, name: untilNul(bytes) };
  if (type === "K") return { ...before, linkname: untilNul(bytes) };
  return before;
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}
