import { COMPRESS_COST } from "../compression/members.ts";
import { EntryTable } from "../rootfs/entry-table.ts";
import { decodePlaced, type PlacedNode } from "../rootfs/node-line.ts";
import {
  type CompressedFrame,
  compressFrame,
  decodeFramed,
  encodeFramed,
  type Framed,
  framedHeaderSize,
  OtherFormatError,
} from "../store/framed.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Recent } from "../store/recent.ts";
import { concat } from "../streams/concat.ts";
import { hexOf } from "../streams/sha256.ts";
import { inTurns } from "../streams/turns.ts";
import type { Context, ContextEntries } from "./context.ts";
import type { Pack } from "./pack.ts";
import { packReader } from "./pack-reader.ts";
import { PackUsage } from "./usage.ts";

const KIND = "context";
const VERSION = 2;

const recent = new Recent<Context>();

/** A pack as stored: digest, bytes before the first block, lengths of the blocks. */
type StoredPack = [digest: string, offset: number, blocks: Pack["blocks"]] | null;

/** The stored header of a context. */
interface Header {
  digest: string;
  packs: StoredPack[];
  usage: [bytes: number, stretches: readonly number[]];
}

export function contextKey(digest: string): string {
  return `contexts/${hexOf(digest)}`;
}

/** Where a context is stored that is named by its digest, or by the key of a scope's copy: see `contextsOf`. */
export function keyOfContext(name: string): string {
  return name.startsWith("sha256:") ? contextKey(name) : name;
}

/**
 * Stores a context under a key, by default its own; its packs must be stored. Replaces a context with the same listing,
 * unless `ifAbsent` is set.
 * @returns whether it was stored
 */
export async function saveContext(
  store: ObjectStore,
  context: Context,
  key = contextKey(context.digest),
  { ifAbsent = false } = {},
): Promise<boolean> {
  const bytes = await encodeContext(context);
  const isStored = await store.put(key, bytes, bytes.length, { ifAbsent });
  if (isStored) remember(store, key, context, bytes.length);
  return isStored;
}

/** The bytes of a stored context. */
export async function encodeContext({ digest, packs, usage, tree }: Context): Promise<Uint8Array> {
  const stored = packs.map((pack): StoredPack => (pack ? [pack.digest, pack.offset, pack.blocks] : null));
  const header: Header = { digest, packs: stored, usage: [usage.bytes, usage.stretches] };
  return concat(encodeFramed(KIND, VERSION, header, await inTurns(framesOf(tree))));
}

/** Opens the context of this listing; undefined when it is not stored in the current version. */
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
  const read = await readStored(store, key);
  if (read === undefined) return undefined;
  const { stored, packs, size } = read;
  const usage = new PackUsage(...stored.header.usage);
  const tree = await inTurns(EntryTable.fromLines(stored.frames(), packReader(store, packs)));
  const context = { digest, packs, usage, tree };
  remember(store, key, context, size);
  return context;
}

/**
 * The entries of a stored context, which stay compressed in memory; undefined when it is not stored in the current
 * version.
 */
export async function openEntries(store: ObjectStore, key: string): Promise<ContextEntries | undefined> {
  const read = await readStored(store, key);
  if (read === undefined) return undefined;
  const { stored, packs } = read;
  return { packs, tree: { placed: () => placedIn(stored.frames()) } };
}

function* placedIn(frames: Iterable<Uint8Array>): Generator<PlacedNode> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let isRoot = true;
  for (const frame of frames) {
    const lines = decoder.decode(frame).split("\n");
    // The last line has an end.
    lines.pop();
    for (const line of lines) {
      if (!isRoot) yield decodePlaced(line);
      isRoot = false;
    }
  }
}

async function readStored(store: ObjectStore, key: string) {
  const bytes = await store.getBytes(key);
  const stored = bytes && decode(bytes);
  if (stored === undefined) return undefined;
  const packs = stored.header.packs.map((pack) => {
    return pack === null ? undefined : { digest: pack[0], offset: pack[1], blocks: pack[2] };
  });
  return { stored, packs, size: bytes?.length ?? 0 };
}

/** Decodes a stored context; undefined for another version, so that the client sends it again. */
function decode(bytes: Uint8Array): Framed<Header> | undefined {
  try {
    return decodeFramed<Header>(bytes, KIND, VERSION);
  } catch (error) {
    if (error instanceof OtherFormatError) return undefined;
    throw error;
  }
}

/**
 * Caches a context. Readers of contents are created for each request, because a stream belongs to the request that
 * opened it.
 */
function remember(store: ObjectStore, key: string, context: Context, size: number): void {
  const { digest, packs, usage, tree } = context;
  // The frames of the table are kept with it: see `framesOf`.
  let memory = size + tree.memory;
  for (const pack of packs) memory += BLOCK * (pack?.blocks.length ?? 0);
  recent.set(store, key, { digest, packs, usage, tree: tree.withContents() }, { size, memory });
}

/** Memory of the lengths of a block, in bytes. */
const BLOCK = 64;

/** A frame of a table with its range of lines. */
interface FrameOfLines {
  frame: CompressedFrame;
  from: number;
  to: number;
}

const frames = new WeakMap<object, readonly FrameOfLines[]>();

/**
 * The lines of a table in frames. Frames of the table that it was patched from are reused without compressing them
 * again.
 */
function* framesOf(tree: EntryTable): Generator<number, CompressedFrame[], undefined> {
  const made: FrameOfLines[] = [];
  let next = 0;
  const takeTo = function* (end: number): Generator<number, void, undefined> {
    for (const { bytes, from, to } of tree.chunks(next, end)) {
      made.push({ frame: compressFrame(bytes), from, to });
      yield COMPRESS_COST * bytes.length;
    }
  };
  for (const { frame, from, to } of (tree.origin && frames.get(tree.origin.entries)) ?? []) {
    const at = tree.origin?.find(from, to);
    if (at === undefined) continue;
    yield* takeTo(at);
    made.push({ frame, from: at, to: at + to - from });
    next = at + to - from;
  }
  yield* takeTo(tree.size);
  frames.set(tree.entries, made);
  return made.map(({ frame }) => frame);
}

/** Bytes that contain the header of most contexts. */
const MAX_HEADERS = 256 * 1024;

/** Hex digests of the packs that a stored context uses; empty when it is not stored in the current version. */
export async function readContextPacks(store: ObjectStore, key: string): Promise<string[]> {
  const begin = await store.getBytes(key, { offset: 0, length: MAX_HEADERS });
  if (begin === undefined) return [];
  const size = framedHeaderSize(begin);
  const bytes = size <= begin.length ? begin : await store.getBytes(key, { offset: 0, length: size });
  const packs = decode(bytes ?? begin)?.header.packs ?? [];
  return packs.flatMap((pack) => (pack === null ? [] : hexOf(pack[0])));
}
