import type { BuildRecord } from "../../schemas/build.ts";
import type { ObjectStore } from "../store/object-store.ts";

/** Builds that are listed. */
const most = 50;
const prefix = "builds/";
/** Milliseconds since 1970 fit in 13 digits until the year 2286. */
const endOfTime = 9_999_999_999_999;

/** Notes that a build was started; its record lies in its own object. */
export async function noteBuild(store: ObjectStore, { id, started }: BuildRecord): Promise<void> {
  const key = `${prefix}${endOfTime - Date.parse(started)}/${id}`;
  await store.put(key, new Uint8Array(), 0, { ifAbsent: true });
}

/** Ids of the last builds, newest first. */
export async function lastBuilds(store: ObjectStore): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { key } of store.list(prefix)) {
    ids.add(key.slice(key.lastIndexOf("/") + 1));
    if (ids.size === most) break;
  }
  return [...ids];
}
