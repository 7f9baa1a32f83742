import { ImageResolver } from "../../src/registry/image-resolver.ts";
import { PullThrough } from "../../src/registry/pull-through.ts";
import {
  type RemoteRegistriesOptions,
  remoteRegistries,
} from "../../src/registry/remote/remote-registries.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import type { CacheStore } from "../../src/store/cache-store.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";

interface Options extends RemoteRegistriesOptions {
  store: ObjectStore;
  cache?: CacheStore;
  isOwnHost?: (host: string) => boolean;
  staleTags?: boolean;
}

/** Resolves images of a store and of remote registries, composed as in the Worker. */
export function imageResolver(options: Options): ImageResolver {
  const { store, cache = memoryCache(), isOwnHost, staleTags, now } = options;
  const remoteOf = remoteRegistries(options);
  return new ImageResolver({
    store,
    own: new StoreRegistry(store),
    ...(isOwnHost && { isOwnHost }),
    remote: (host) =>
      new PullThrough({
        store,
        cache,
        host,
        remote: remoteOf(host),
        ...(staleTags && { staleTags }),
        ...(now && { now }),
      }),
  });
}
