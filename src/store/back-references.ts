import { forEachConcurrently } from "./for-each-concurrently.ts";
import type { ObjectBody, ObjectInfo, ObjectStore, PutOptions } from "./object-store.ts";

/** Storage prefix of back-references. */
export const REFERENCES = "refs/";

const NOTHING = new Uint8Array(0);

/**
 * The content that a marker refers to, as its key: `repos/app/_blobs/sha256:ab…` refers to `blobs/sha256/ab…`. Undefined for
 * keys of other objects.
 */
export function contentOfMarker(key: string): string | undefined {
  const [, folder = "", algorithm, hex = ""] =
    /^(?:repos|upstreams)\/.+\/_(blobs|manifests)\/(sha256|sha512):([0-9a-f]+)$/.exec(key) ?? [];
  if (algorithm !== undefined) return `${folder}/${algorithm}/${hex}`;
  return /^scopes\/.+\/((?:contexts|packs)\/[0-9a-f]+)$/.exec(key)?.[1];
}

/**
 * The key of a back-reference: the key of a content, then that of the marker which refers to it. A list of keys with the
 * content as prefix finds everything that refers to it, and back-references are in the order of their contents.
 */
export function referenceKey(content: string, marker: string): string {
  return `${REFERENCES}${content}/${marker}`;
}

/** The content and the marker of a back-reference; undefined for other keys. */
export function parseBackReference(key: string): { content: string; marker: string } | undefined {
  const [, content, marker] =
    /^refs\/((?:blobs|manifests)\/[^/]+\/[^/]+|(?:contexts|packs)\/[^/]+)\/(.+)$/s.exec(key) ?? [];
  return content === undefined || marker === undefined ? undefined : { content, marker };
}

/** Back-references of a content. */
export function listReferences(store: ObjectStore, content: string): AsyncIterable<ObjectInfo> {
  return store.list(`${REFERENCES}${content}/`);
}

/**
 * Stores a marker with its back-reference. The back-reference is stored first, so a marker without one does not exist; it is
 * checked afterwards, because `deleteMarkers` may have deleted it in the meantime.
 * @throws {TypeError} when the key is not that of a marker
 */
export async function putMarkerObject(
  store: ObjectStore,
  key: string,
  body: ObjectBody = NOTHING,
  size = 0,
  options: PutOptions = {},
): Promise<void> {
  const content = contentOfMarker(key);
  if (content === undefined) throw new TypeError(`Cannot store "${key}": it is not the key of a marker`);
  await putReference(store, content, key);
  await store.put(key, body, size, options);
  await putReference(store, content, key);
}

/**
 * Stores the back-reference of a marker, unless it exists.
 * @returns whether it was missing
 */
export async function putReference(store: ObjectStore, content: string, marker: string): Promise<boolean> {
  return store.put(referenceKey(content, marker), NOTHING, 0, { ifAbsent: true });
}

/**
 * Deletes markers, and then their back-references. A marker that another request has stored again in the meantime gets its
 * back-reference back. Other keys are deleted too.
 */
export async function deleteMarkers(store: ObjectStore, ...keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const marked = keys.flatMap((marker) => {
    const content = contentOfMarker(marker);
    return content === undefined ? [] : { content, marker };
  });
  await store.delete(...keys);
  await store.delete(...marked.map(({ content, marker }) => referenceKey(content, marker)));
  await forEachConcurrently(marked, async ({ content, marker }) => {
    if ((await store.head(marker)) !== undefined) await putReference(store, content, marker);
  });
}
