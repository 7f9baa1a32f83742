import type { LineStore } from "./line-store.ts";
import { decodeNode, decodePlace, encodeNode } from "./node-line.ts";
import type { PathIndex } from "./path-index.ts";
import { isHardLink, rawPath } from "./raw-path.ts";
import { LINE, LINES_PER_PIECE } from "./sort-lines.ts";

/** What it costs to decode a line and its target. */
const DECODING = 4096;

/**
 * Makes files of the hard links whose contents are known and whose target is another file now, or not there. Work in
 * pieces: see `inTurns`.
 */
export function* settleLinks(lines: LineStore, index: PathIndex): Generator<number, void, undefined> {
  for (let number = 0; number < lines.count; number++) {
    if (number % LINES_PER_PIECE === 0) yield LINES_PER_PIECE * LINE;
    if (!isHardLink(rawPath(lines, number))) continue;
    yield DECODING;
    const line = lines.text(number);
    const { linkname = "", ...link } = decodeNode(line);
    if (link.digest === undefined) continue;
    const target = index.find(linkname);
    if (target >= 0 && decodeNode(lines.text(target)).digest === link.digest) continue;
    const { place, size } = decodePlace(line);
    lines.replace(number, encodeNode({ ...link, type: "file", size }, place));
  }
}
