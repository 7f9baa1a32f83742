/** Characters of a line: a path, a link's target and extended attributes. */
const LONGEST_LINE = 1024 * 1024;

/** An entry that cannot be: below something that is no directory, too large, or one too many. */
export class EntryError extends Error {
  override name = "EntryError";
  readonly code = "bad-entry";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`Cannot place the entry "${path}": ${reason}`);
    this.path = path;
  }
}

/** @param line of the entry, see `encodeNode` */
export function requireShort(path: string, line: string): void {
  if (line.length > LONGEST_LINE) throw new EntryError(path, "its extended attributes are too large");
}
