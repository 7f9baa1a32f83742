/** The bytes of a chunk: first and last, both inclusive. */
interface ChunkRange {
  first: number;
  last: number;
}

/**
 * Parses the Content-Range of a chunk, which has no unit in distribution-spec ("Pushing a blob in chunks"): `0-99`.
 * Undefined for any other text.
 */
export function parseChunkRange(header: string): ChunkRange | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(header);
  if (match === null) return undefined;
  const range = { first: Number(match[1]), last: Number(match[2]) };
  return range.last < range.first ? undefined : range;
}

/**
 * The received part of an upload as a Range header. The format cannot express zero bytes; registries send `0-0` for it.
 */
export function formatReceived(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}
