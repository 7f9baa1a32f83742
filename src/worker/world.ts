import type { World } from "../engine/world.ts";
import { checkedFetch } from "../registry/checked-fetch.ts";
import { parseMirrors } from "../registry/endpoint.ts";
import { isSameHost } from "../registry/network-policy.ts";
import { PullThrough } from "../registry/pull.ts";
import { Upstream } from "../registry/upstream.ts";
import { kvCache } from "../store/kv-cache.ts";
import type { Env } from "./environment.ts";
import { ownMarks } from "./own-mark.ts";
import { storeOf } from "./store.ts";

/** Of the 128 MB that a Worker has, and of the memory of one's own machine. */
const layerMemory = { worker: 24 * 2 ** 20, local: 256 * 2 ** 20 };

/** One for all requests: it keeps the tokens that registries gave. */
let upstream: Upstream | undefined;

/**
 * The engine's world, made of the bindings of this Worker.
 * @param host under which the server was asked: images of that host are its own
 * @param canPull whether whoever it is for may see an own repository
 */
export function worldOf(env: Env, host: string, canPull: (repository: string) => boolean): World {
  const { images, ...world } = settingsOf(env, host);
  upstream ??= new Upstream(images);
  return { ...world, images: new PullThrough({ ...world, ...images, upstream, canPull }) };
}

/** The same without other registries: images are known as far as they are stored here. */
export function offlineWorldOf(env: Env, host: string, canPull: (repository: string) => boolean): World {
  const { images, ...world } = settingsOf(env, host);
  const nobody = new Upstream({ ...images, tries: 1, fetch: askNobody });
  return {
    ...world,
    images: new PullThrough({ ...world, ...images, upstream: nobody, canPull, staleTags: true }),
    fetch: askNobody,
  };
}

async function askNobody(url: string | URL): Promise<never> {
  throw new TypeError(`${url} is not asked`);
}

/** A world but for its images, and what those are found with. */
function settingsOf(env: Env, host: string) {
  const cache = kvCache(env.CACHE);
  const mirrors = parseMirrors(env.VARVE_MIRRORS);
  const isLocal = env.VARVE_LOCAL === "1";
  const store = storeOf(env);
  const newMark = ownMarks(env);
  const policy = {
    allowLoopback: isLocal,
    ...(newMark !== undefined && { newMark }),
    trustedOrigins: Object.values(mirrors).map((url) => new URL(url).origin),
  };
  return {
    store,
    cache,
    images: { policy, mirrors, isOwnHost: (other: string) => isSameHost(other, host) },
    fetch: checkedFetch({ ...policy, allowPlainHttp: true }),
    origin: `${isLocal ? "http" : "https"}://${host}`,
    layerMemory: isLocal ? layerMemory.local : layerMemory.worker,
  };
}
