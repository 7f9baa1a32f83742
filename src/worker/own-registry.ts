import { ProvidedBaseRegistry } from "../registry/provided-base.ts";
import type { Registry } from "../registry/registry.ts";
import { StoreRegistry } from "../registry/store/store-registry.ts";
import type { Env } from "./environment.ts";
import { storeOf } from "./store.ts";

/** The registry of this server. On a local server, the host program builds the base image on demand. */
export function ownRegistry(env: Env): Registry {
  const store = storeOf(env);
  const { OBJECTS } = env;
  if (OBJECTS === undefined) return new StoreRegistry(store);
  return new ProvidedBaseRegistry(store, async () => {
    const response = await OBJECTS.fetch("http://objects/base-image", { method: "POST" });
    return response.ok;
  });
}
