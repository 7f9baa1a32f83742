/** Which bytes of a blob a chunk has: first and last, both included. */
export interface ChunkRange {
  first: number;
  last: number;
}

/**
 * Reads the Content-Range of a chunk, which distribution-spec ("Pushing a blob in chunks") writes without a unit:
 * `0-99`. Undefined for anything else.
 */
export function parseChunkRange(header: string): ChunkRange | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(header);
  if (match === null) return undefined;
  const range = { first: Number(match[1]), last: Number(match[2]) };
  return range.last < range.first ? undefined : range;
}

/** What has come of an upload, as its Range header says it. It can't say "nothing": that is `0-0` everywhere. */
export function formatReceived(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}
