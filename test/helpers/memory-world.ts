import type { BuildMemory, LayerRecord } from "../../src/engine/solve/step-cache.ts";
import type { World } from "../../src/engine/world.ts";
import type { Fetch } from "../../src/network/checked-fetch.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { MemoryBudget } from "../../src/streams/memory-budget.ts";
import { imageResolver } from "./image-resolver.ts";

/** The host of a world in memory. Images of this host are in its store. */
export const OWN_HOST = "own.invalid";

/** A world in memory. By default it reaches only its own registry. */
export function memoryWorld({
  store = memoryStore(),
  cache = memoryCache(),
  fetch = unreachable,
}: Partial<Pick<World, "store" | "cache" | "fetch">> = {}): World {
  const images = imageResolver({
    store,
    policy: { allowLoopback: false },
    isOwnHost: (host) => host === OWN_HOST,
    tries: 1,
    fetch: unreachable,
  });
  return {
    store,
    cache,
    images,
    fetch,
    origin: `https://${OWN_HOST}`,
    layerMemory: 2 ** 20,
    memory: new MemoryBudget(2 ** 24),
  };
}

const unreachable: Fetch = async (url) => {
  throw new TypeError(`there is no network to ask for ${url}`);
};

/** Finished steps of a build, for the duration of a test. */
export function buildMemory(): BuildMemory {
  const records = new Map<string, LayerRecord>();
  const times = new Map<string, number>();
  return {
    recall: (keys) => new Map([...records].filter(([key]) => keys.includes(key))),
    remember: (key, record) => records.set(key, record),
    hold: () => {},
    began(key) {
      const time = times.get(key) ?? Date.now();
      times.set(key, time);
      return time;
    },
  };
}
