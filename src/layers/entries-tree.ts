import type { EntryTable } from "../rootfs/entry-table.ts";
import { TableBuilder } from "../rootfs/table-builder.ts";
import type { Contents } from "../rootfs/tree.ts";
import type { LayerEntry } from "./entry.ts";

/** The tree of a layer that is not written yet. Files must have digests. */
export function entriesTree(entries: Iterable<LayerEntry>): EntryTable {
  const builder = new TableBuilder({ lowerLayers: true });
  const contents: Contents[] = [];
  for (const entry of entries) {
    const own = contentsOf(entry);
    builder.add(entry.node, own && contents.push(own) - 1);
  }
  return builder.finish((place) => contents[place as number] as Contents);
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
