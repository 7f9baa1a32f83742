import type { LineStore } from "./line-store.ts";
import { decodeNode, decodePlace, encodeNode } from "./node-line.ts";
import type { PathIndex } from "./path-index.ts";
import { isHardLink, rawPath } from "./raw-path.ts";
import { LINE, LINES_PER_PIECE } from "./sort-lines.ts";

/** Cost of decoding a line and its target. */
const DECODING = 4096;

/**
 * Updates hard links with known contents whose target is missing or now another file: the first link to that target
 * becomes the file, and the others link to it. Works in pieces: see `inTurns`.
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
