import type { Remotes } from "../solve/sources.ts";
import type { World } from "../world.ts";
import { isArchive, openArchive } from "./archive.ts";
import { FetchedSources } from "./fetched-sources.ts";

/** Creates the `Remotes` of one build, which store fetched and unpacked files in packs. */
export function contextRemotes(world: World): Remotes {
  const { store, fetch } = world;
  const sources = new FetchedSources(world, { fetch });
  return {
    key: (source) => sources.key(source),
    digest: (source) => sources.digest(source),
    open: (source) => sources.open(source),
    unpack: (file) => openArchive(store, file),
    isArchive,
  };
}
