import type { LineStore } from "./line-store.ts";
import { decodeNode, decodePlace, encodeNode } from "./node-line.ts";
import type { PathIndex } from "./path-index.ts";
import { isHardLink, rawPath } from "./raw-path.ts";
import { LINE, LINES_PER_PIECE } from "./sort-lines.ts";

/** What it costs to decode a line and its target. */
const DECODING = 4096;

/**
 * Gives hard links a new target where their contents are known and their target is missing or another file now: the first
 * of the links to that target becomes the file, and the others become links to it. Work in pieces: see `inTurns`.
 */
export function* settleLinks(lines: LineStore, index: PathIndex): Generator<number, void, undefined> {
  const firstNames = new Map<string, string>();
  for (let number = 0; number < lines.count; number++) {
    if (number % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE;
    if (!isHardLink(rawPath(lines, number))) continue;
    yield DECODING;
    const line = lines.text(number);
    const { linkname = "", ...link } = decodeNode(line);
    if (link.digest === undefined) continue;
    const target = index.find(linkname);
    if (target >= 0 && decodeNode(lines.text(target)).digest === link.digest) continue;
    const file = `${link.digest} ${linkname}`;
    const first = firstNames.get(file);
    if (first === undefined) firstNames.set(file, link.path);
    const { place, size } = decodePlace(line);
    const settled =
      first === undefined
        ? encodeNode({ ...link, type: "file", size }, place)
        : encodeNode({ ...link, linkname: first }, place, size);
    lines.replace(number, settled);
  }
}
