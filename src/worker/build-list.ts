import type { BuildRecord } from "../../schemas/build.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { repositoriesOfTags } from "./access/demand.ts";

/** Builds that are listed, and those that are looked at for them. */
const most = 50;
const mostLookedAt = 2000;
const prefix = "builds/";
/** Milliseconds since 1970 fit in 13 digits until the year 2286. */
const endOfTime = 9_999_999_999_999;
/** Of the 8 KiB that a store keeps with an object. */
const longestNames = 4096;

/** Notes that a build was started; its record lies in its own object. */
export async function noteBuild(store: ObjectStore, { id, started, tags }: BuildRecord): Promise<void> {
  const key = `${prefix}${endOfTime - Date.parse(started)}/${id}`;
  const repositories = repositoriesOfTags(tags).join(" ");
  const metadata = repositories.length <= longestNames ? { repositories } : {};
  await store.put(key, new Uint8Array(), 0, { ifAbsent: true, metadata });
}

/**
 * Ids of the last builds, newest first.
 * @param isSeen whether the asker may see a build for these repositories; its record says it for good
 */
export async function lastBuilds(
  store: ObjectStore,
  isSeen: (repositories: readonly string[]) => boolean,
): Promise<string[]> {
  const ids = new Set<string>();
  let lookedAt = 0;
  for await (const { key, metadata } of store.list(prefix)) {
    const { repositories } = metadata;
    if (repositories === undefined || isSeen(repositories.split(" ")))
      ids.add(key.slice(key.lastIndexOf("/") + 1));
    lookedAt += 1;
    if (ids.size === most || lookedAt === mostLookedAt) break;
  }
  return [...ids];
}
