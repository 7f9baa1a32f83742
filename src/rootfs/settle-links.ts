import type { LineStore } from "./line-store.ts";
import { decodeNode, decodePlace, encodeNode } from "./node-line.ts";
import type { PathIndex } from "./path-index.ts";
import { isHardLink, rawPath } from "./raw-path.ts";

/** Makes files of the hard links whose contents are known and whose target is another file now, or not there. */
export function settleLinks(lines: LineStore, index: PathIndex): void {
  for (let number = 0; number < lines.count; number++) {
    if (!isHardLink(rawPath(lines, number))) continue;
    const line = lines.text(number);
    const { linkname = "", ...link } = decodeNode(line);
    if (link.digest === undefined) continue;
    const target = index.find(linkname);
    if (target >= 0 && decodeNode(lines.text(target)).digest === link.digest) continue;
    const { place, size } = decodePlace(line);
    lines.replace(number, encodeNode({ ...link, type: "file", size }, place));
  }
}
