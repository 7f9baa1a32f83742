import type { World } from "../build/world.ts";
import { checkedFetch } from "../registry/checked-fetch.ts";
import type { Mirrors } from "../registry/endpoint.ts";
import { PullThrough } from "../registry/pull.ts";
import { Upstream } from "../registry/upstream.ts";
import { kvCache } from "../store/kv-cache.ts";
import { r2Store } from "../store/r2-store.ts";
import type { Env } from "./environment.ts";

/** The engine's world, made of the bindings of this Worker. */
export function worldOf(env: Env): World {
  const store = r2Store(env.BUCKET);
  const cache = kvCache(env.CACHE);
  const mirrors = JSON.parse(env.VARVE_MIRRORS ?? "{}") as Mirrors;
  const policy = {
    allowLoopback: env.VARVE_LOCAL === "1",
    trustedOrigins: Object.values(mirrors).map((url) => new URL(url).origin),
  };
  const images = new PullThrough({ store, cache, upstream: new Upstream({ policy, mirrors }) });
  return { store, cache, images, fetch: checkedFetch({ ...policy, allowPlainHttp: true }) };
}
