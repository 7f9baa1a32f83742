/**
 * Splits a text into physical lines. A line includes its line feed, because bodies of here-documents are kept byte for
 * byte; a carriage return alone does not end a line.
 */
export class LineReader {
  readonly #text: string;
  #at = 0;
  /** Lines read so far: the 1-based number of the last one. */
  number = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next line with its line feed; undefined at the end. */
  next(): string | undefined {
    if (this.#at === this.#text.length) return undefined;
    const feed = this.#text.indexOf("\n", this.#at);
    const end = feed === -1 ? this.#text.length : feed + 1;
    const line = this.#text.slice(this.#at, end);
    this.#at = end;
    this.number++;
    return line;
  }
}

/** The line without the line feed and carriage returns at its end. */
export function withoutLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === "\n" || line[end - 1] === "\r")) end--;
  return line.slice(0, end);
}

/**
 * The line without its continuation character, or undefined when it does not continue. An escape character continues a
 * line when only blanks follow it and no escape character precedes it.
 */
export function stripContinuation(line: string, escapeCharacter: string): string | undefined {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  if (end === 0 || line[end - 1] !== escapeCharacter) return undefined;
  if (end > 1 && line[end - 2] === escapeCharacter) return undefined;
  return line.slice(0, end - 1);
}
