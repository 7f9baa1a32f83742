import type { LayerEntry } from "../../layers/entry.ts";
import { lookAhead } from "../../layers/look-ahead.ts";
import { singleChunk } from "../../streams/single-chunk.ts";
import type { LayerMember } from "../snapshots/overlay-members.ts";

/** The entries of a layer as members of an archive. Their contents are requested ahead of time. */
export async function* entryMembers(entries: Iterable<LayerEntry>): AsyncGenerator<LayerMember> {
  for await (const { node, read } of lookAhead(entries)) {
    const { digest: _, contents, implied: __, ...entry } = node;
    const content = read?.() ?? contents?.read() ?? nothing;
    if (content instanceof Uint8Array) yield { entry, bytes: content, body: singleChunk(content) };
    else yield { entry, bytes: undefined, body: content };
  }
}

const nothing = new Uint8Array(0);
