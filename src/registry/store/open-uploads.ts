import type { ObjectStore } from "../../store/object-store.ts";

const PREFIX = "uploads/";
/** After this time without received bytes, an upload is abandoned; in milliseconds. */
export const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** Uploads that clients may continue. */
interface OpenUploads {
  /** Repositories that receive blobs. */
  repositories: ReadonlySet<string>;
  /** Start of the oldest upload in milliseconds since 1970; infinite when there is none. */
  since: number;
}

/** The key of an object of an upload. The object `session` exists while the upload is open. */
export function uploadKey(id: string, item: string): string {
  return `${PREFIX}${id}/${item}`;
}

export async function findOpenUploads(store: ObjectStore): Promise<OpenUploads> {
  const active = new Map<string, { repository: string; started: number; last: number }>();
  for await (const { key, uploaded, metadata } of store.list(PREFIX)) {
    const [, id = "", item] = key.split("/");
    const known = active.get(id) ?? { repository: "", started: uploaded, last: uploaded };
    known.last = Math.max(known.last, uploaded);
    if (item === "session") known.repository = metadata.repository ?? "";
    known.started = Math.min(known.started, uploaded);
    active.set(id, known);
  }
  const open = [...active.values()].filter(({ last }) => Date.now() - last < ABANDONED_MS);
  return {
    repositories: new Set(open.map(({ repository }) => repository)),
    since: Math.min(Number.POSITIVE_INFINITY, ...open.map(({ started }) => started)),
  };
}

/**
 * Keeps an upload open while `act` stores contents without references, such as those of an archive. The collector keeps
 * everything stored since the start of the oldest open upload.
 */
export async function withOpenUpload<T>(store: ObjectStore, act: () => Promise<T>): Promise<T> {
  const key = uploadKey(crypto.randomUUID(), "session");
  const metadata = { repository: "", started: new Date().toISOString() };
  await store.put(key, new Uint8Array(), 0, { metadata });
  try {
    return await act();
  } finally {
    await store.delete(key);
  }
}
