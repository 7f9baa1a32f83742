import { EntryTable } from "../rootfs/entry-table.ts";
import { decodeFramed, encodeFramed, frame, framedHeaderSize } from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Recent } from "../store/recent.ts";
import { concat } from "../streams/concat.ts";
import type { Context } from "./context.ts";
import type { Pack } from "./pack.ts";
import { packReader } from "./pack-reader.ts";

const KIND = "context";
const VERSION = 1;

const recent = new Recent<Context>();

/** Packs as they are stored: digest, bytes before the first block, lengths of the blocks. */
type StoredPack = [digest: string, offset: number, blocks: Pack["blocks"]] | null;

export function contextKey(digest: string): string {
  return `contexts/${digest.slice(digest.indexOf(":") + 1)}`;
}

/**
 * Stores what is known of a context under a key, by default its own; its packs are stored already. One of the same
 * listing is replaced.
 */
export async function saveContext(
  store: ObjectStore,
  context: Context,
  key = contextKey(context.digest),
): Promise<void> {
  const packs = context.packs.map(
    (pack): StoredPack => (pack ? [pack.digest, pack.offset, pack.blocks] : null),
  );
  const frames = [...context.tree.chunks()].map((lines) => frame(lines));
  const bytes = concat(encodeFramed(KIND, VERSION, { digest: context.digest, packs }, frames));
  await store.put(key, bytes, bytes.length);
  remember(store, key, context, bytes.length);
}

/** The context of this listing; undefined when it is not stored. */
export async function openContext(
  store: ObjectStore,
  digest: string,
  key = contextKey(digest),
): Promise<Context | undefined> {
  const known = recent.get(store, key);
  if (known !== undefined && (await store.head(key))?.size === known.size) {
    const { packs, tree } = known.value;
    return { ...known.value, tree: tree.withContents(packReader(store, packs)) };
  }
  const bytes = await store.getBytes(key);
  if (bytes === undefined) return undefined;
  const stored = decodeFramed<{ digest: string; packs: StoredPack[] }>(bytes, KIND, VERSION);
  const packs = stored.header.packs.map((pack) => {
    return pack === null ? undefined : { digest: pack[0], offset: pack[1], blocks: pack[2] };
  });
  const tree = EntryTable.fromLines(stored.frames(), packReader(store, packs));
  const context = { digest, packs, tree };
  remember(store, key, context, bytes.length);
  return context;
}

/** What reads the contents is made anew for each request: bytes come only as long as the request that asked for them. */
function remember(store: ObjectStore, key: string, { digest, packs, tree }: Context, size: number): void {
  recent.set(store, key, { digest, packs, tree: tree.withContents() }, size);
}

/** Bytes that hold the header of most contexts. */
const MOST_HEADERS = 256 * 1024;

/** Hex digests of the packs in which files of a stored context lie; none when it is gone, or not in this version. */
export async function readContextPacks(store: ObjectStore, key: string): Promise<string[]> {
  const begin = await store.getBytes(key, { offset: 0, length: MOST_HEADERS });
  if (begin === undefined) return [];
  const size = framedHeaderSize(begin);
  const bytes = size <= begin.length ? begin : await store.getBytes(key, { offset: 0, length: size });
  const { packs } = decodeFramed<{ packs: StoredPack[] }>(bytes ?? begin, KIND, VERSION).header;
  return packs.flatMap((pack) => (pack === null ? [] : pack[0].slice(pack[0].indexOf(":") + 1)));
}
