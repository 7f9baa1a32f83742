/** Maximum length of a line in characters: path, link target and extended attributes. */
const MAX_LINE = 1024 * 1024;

/** An invalid entry: below something that is not a directory, too large, or beyond the limit. */
export class EntryError extends Error {
  override name = "EntryError";

  constructor(path: string, reason: string) {
    super(`Cannot place the entry "${path}": ${reason}`);
  }
}

/** @param line of the entry, see `encodeNode` */
export function requireShortLine(path: string, line: string): void {
  if (line.length > MAX_LINE) throw new EntryError(path, "its extended attributes are too large");
}
