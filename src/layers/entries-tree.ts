import type { EntryTable } from "../rootfs/entry-table.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import type { Contents } from "../rootfs/tree.ts";
import { inTurns, spend } from "../streams/turns.ts";
import type { LayerEntry } from "./entry.ts";

/** Cost of creating an entry, besides adding it. */
const ENTRY = 2048;

/** The tree of a layer that is not written yet. Files must have digests. */
export async function entriesTree(entries: Iterable<LayerEntry>): Promise<EntryTable> {
  const builder = new TableBuilder({ lowerLayers: true });
  const contents: Contents[] = [];
  let work = 0;
  for (const entry of entries) {
    const own = contentsOf(entry);
    builder.add(entry.node, own && contents.push(own) - 1);
    const turn = spend(ENTRY + builder.work - work);
    work = builder.work;
    if (turn !== undefined) await turn;
  }
  return inTurns(builder.finishInPieces((place) => contents[place as number] as Contents));
}

function contentsOf({ node, read }: LayerEntry): Contents | undefined {
  if (node.type !== "file" || node.size === 0) return undefined;
  if (read === undefined) return node.contents;
  return {
    size: node.size,
    async *read() {
      const bytes = read();
      if (bytes instanceof Uint8Array) yield bytes;
      else yield* bytes;
    },
  };
}
