import { concat } from "../../../streams/concat.ts";
import { addWork, spend } from "../../../streams/turns.ts";
import { GitError } from "./git-error.ts";

const DOLLAR = 0x24;
const COLON = 0x3a;
const LF = 0x0a;
const SPACE = 0x20;
const encoder = new TextEncoder();
const KEYWORD = encoder.encode("$Id");
/** Maximum length in bytes of an expanded keyword, which is held until its end is known. */
const MAX_HELD = 1 << 20;
/** Maximum number of keywords in a file: each becomes ten times as long. */
const MAX_KEYWORDS = 100_000;
/** Cost of examining a byte, and of a part of a keyword. */
const BYTE = 4;
const PART = 512;

/**
 * Expands the keyword `$Id$` to `$Id: <id> $`, also where it is already expanded (gitattributes(5), "ident"). Keeps
 * keywords of other systems, which have white space inside. Works like git for files that it streams: in a file with
 * `text=auto`, git also expands a keyword after another `$`.
 * @param id of the blob
 * @param path for messages
 * @throws {GitError} for a keyword of more than 1 MiB, and for more than 100,000 keywords
 */
export async function* withIdent(
  contents: AsyncIterable<Uint8Array>,
  id: string,
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const expanded = encoder.encode(`$Id: ${id} $`);
  /** Bytes that may be the beginning of a keyword. */
  let held: Uint8Array[] = [];
  let length = 0;
  let keywords = 0;
  const tooLarge = (why: string) => new GitError("git-too-large", `Cannot check out ${path}: ${why}`);
  const release = () => {
    const bytes = concat(held);
    held = [];
    length = 0;
    return bytes;
  };
  for await (const chunk of contents) {
    const turn = spend(BYTE * chunk.length);
    if (turn !== undefined) await turn;
    for (let at = 0; at < chunk.length; ) {
      addWork(PART);
      const end = length === 0 ? chunk.indexOf(DOLLAR, at) : endOfPart(chunk, at, length);
      const part = chunk.subarray(at, end < 0 ? undefined : end + 1);
      at += part.length;
      const last = part.at(-1) as number;
      if (length === 0) {
        if (end < 0) yield part;
        else {
          if (part.length > 1) yield part.subarray(0, -1);
          held = [part.slice(-1)];
          length = 1;
        }
        continue;
      }
      held.push(part.slice());
      length += part.length;
      if (length > MAX_HELD) throw tooLarge("a keyword $Id is too long");
      if (length === KEYWORD.length && ++keywords > MAX_KEYWORDS)
        throw tooLarge(`it has more than ${MAX_KEYWORDS} keywords $Id`);
      if (length <= KEYWORD.length) {
        if (last !== KEYWORD[length - 1]) yield release();
      } else if (length === KEYWORD.length + 1) {
        if (last === DOLLAR) {
          release();
          yield expanded;
        } else if (last !== COLON) yield release();
      } else if (end >= 0) {
        const keyword = release();
        yield last === DOLLAR && !isForeign(keyword) ? expanded : keyword;
      }
    }
  }
  if (length > 0) yield release();
}

/** The last byte of the next part of a keyword of which `length` bytes are known; -1 when it is not in the chunk. */
function endOfPart(chunk: Uint8Array, at: number, length: number): number {
  // Each byte of `$Id:` decides alone.
  if (length <= KEYWORD.length) return at;
  for (let i = at; i < chunk.length; i++) if (chunk[i] === DOLLAR || chunk[i] === LF) return i;
  return -1;
}

/** Whether a keyword has white space before its last character: `$Id: file.c 1.2 2001/02/03 user Exp $`. */
function isForeign(keyword: Uint8Array): boolean {
  const start = KEYWORD.length + 1;
  if (keyword[start] !== SPACE) return false;
  return keyword.some((byte, index) => index > start && isSpace(byte) && keyword[index + 1] !== DOLLAR);
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x09 || byte === 0x0d;
}
