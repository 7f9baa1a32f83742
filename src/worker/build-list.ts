import type { BuildRecord } from "../../schemas/build.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { repositoriesOfTags } from "./access/demand.ts";

/** Builds that are looked at for one part of the list. */
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

/** A part of the list of builds. */
export interface BuildPage {
  ids: string[];
  /** Where the next part begins; undefined at the end of the list. */
  next: string | undefined;
}

/**
 * Ids of builds, newest first.
 * @param isSeen whether the caller may see a build for these repositories; its record says it for good
 * @param page at most `n` builds, after `last`
 */
export async function lastBuilds(
  store: ObjectStore,
  isSeen: (repositories: readonly string[]) => boolean,
  { n, last }: { n: number; last?: string | undefined },
): Promise<BuildPage> {
  const ids = new Set<string>();
  let lookedAt = 0;
  for await (const { key, metadata } of store.list(prefix, last === undefined ? undefined : prefix + last)) {
    const { repositories } = metadata;
    if (repositories === undefined || isSeen(repositories.split(" ")))
      ids.add(key.slice(key.lastIndexOf("/") + 1));
    lookedAt += 1;
    if (ids.size === n || lookedAt === mostLookedAt) {
      return { ids: [...ids], next: key.slice(prefix.length) };
    }
  }
  return { ids: [...ids], next: undefined };
}
