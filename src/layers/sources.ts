import type { ChunkPlace, ChunkSource, SpoolStore } from "./spool.ts";

/** Bytes per request to the store. */
const RUN = 4 * 1024 * 1024;

/** The bytes of stored ranges, in many requests: between two of them, the reader may wait for any time. */
export function readInParts(store: SpoolStore, places: readonly ChunkPlace[]): AsyncGenerator<Uint8Array> {
  return readSources(store, inParts(places));
}

function* inParts(places: readonly ChunkPlace[]): Generator<ChunkPlace> {
  for (const { key, offset, length } of places) {
    for (let at = 0; at < length; at += RUN) {
      yield { key, offset: offset + at, length: Math.min(RUN, length - at) };
    }
  }
}

/** The bytes of all sources, in order. Adjacent ranges are read in one request, one request ahead of the reader. */
export async function* readSources(
  store: SpoolStore,
  sources: Iterable<ChunkSource>,
): AsyncGenerator<Uint8Array> {
  let next: Promise<Uint8Array> | undefined;
  for (const source of inRuns(sources)) {
    const bytes = source instanceof Uint8Array ? Promise.resolve(source) : get(store, source);
    // A reader that stops before awaiting it has its own error.
    bytes.catch(() => {});
    if (next !== undefined) yield await next;
    next = bytes;
  }
  if (next !== undefined) yield await next;
}

function* inRuns(sources: Iterable<ChunkSource>): Generator<ChunkSource> {
  let run: ChunkPlace | undefined;
  for (const source of sources) {
    if (source instanceof Uint8Array) {
      if (run !== undefined) yield run;
      run = undefined;
      yield source;
    } else if (run !== undefined && follows(run, source) && run.length + source.length <= RUN) {
      run = { ...run, length: run.length + source.length };
    } else {
      if (run !== undefined) yield run;
      run = source;
    }
  }
  if (run !== undefined) yield run;
}

function follows(run: ChunkPlace, source: ChunkPlace): boolean {
  return source.key === run.key && source.offset === run.offset + run.length;
}

async function get(store: SpoolStore, { key, offset, length }: ChunkPlace): Promise<Uint8Array> {
  const bytes = await store.getBytes(key, { offset, length });
  if (bytes === undefined) throw new Error(`Cannot read "${key}": it was deleted`);
  if (bytes.length !== length)
    throw new Error(`Cannot read ${length} bytes of "${key}": received ${bytes.length}`);
  return bytes;
}
