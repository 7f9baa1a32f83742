import { remoteLayers } from "../engine/solve/remote-layers.ts";
import type { World } from "../engine/world.ts";
import { checkedFetch } from "../network/checked-fetch.ts";
import type { NetworkPolicy } from "../network/network-policy.ts";
import { ConfirmedContents } from "../registry/confirmed-contents.ts";
import { ImageResolver } from "../registry/image-resolver.ts";
import { LoginUpstream } from "../registry/login-upstream.ts";
import { isOwnHost } from "../registry/names.ts";
import { PullThrough } from "../registry/pull-through.ts";
import { parseRealms, type Realms } from "../registry/realm.ts";
import type { Registry } from "../registry/registry.ts";
import type { Logins } from "../registry/remote/authorizer.ts";
import { type Mirrors, parseMirrors } from "../registry/remote/endpoint.ts";
import { remoteRegistries } from "../registry/remote/remote-registries.ts";
import type { RemoteRegistry } from "../registry/remote/remote-registry.ts";
import { RestrictedRegistry } from "../registry/restricted.ts";
import { kvCache } from "../store/kv-cache.ts";
import { memoryCache } from "../store/memory-cache.ts";
import { isolateMemory } from "../streams/memory-budget.ts";
import { requestMarks } from "./access/request-marks.ts";
import type { Env } from "./environment.ts";
import { ownRegistry } from "./own-registry.ts";
import { storeOf } from "./store.ts";

/** Memory per layer in bytes: in a Worker of 128 MB, and on a local server. */
const layerMemory = { worker: 24 * 2 ** 20, local: 256 * 2 ** 20 };

/** Shared by all requests: it caches the tokens of registries. */
let remotes: ((host: string) => RemoteRegistry) | undefined;

/**
 * Creates the engine's world from the bindings of this Worker.
 * @param host host of the request: images of this host are this server's
 * @param canPull whether the caller may pull from a repository of this server
 */
export function worldOf(
  env: Env,
  host: string,
  canPull: (repository: string) => boolean,
  { logins, prefersOwn }: WorldOptions = {},
): World {
  const { policy, mirrors, realms, ...world } = settingsOf(env, host);
  remotes ??= remoteRegistries({ policy, mirrors, realms });
  return {
    ...world,
    images: imagesOf(world, { host, canPull, remoteOf: remotes, logins, prefersOwn, policy, realms }),
  };
}

/** Like `worldOf`, but without network access: only stored images are available. */
export function offlineWorldOf(env: Env, host: string, canPull: (repository: string) => boolean): World {
  const { policy, mirrors, realms, ...world } = settingsOf(env, host);
  const silent = remoteRegistries({ policy, mirrors, realms, tries: 1, fetch: rejectAll });
  return {
    ...world,
    images: imagesOf(world, { host, canPull, remoteOf: silent, staleTags: true, policy, realms }),
    fetch: rejectAll,
  };
}

async function rejectAll(url: string | URL): Promise<never> {
  throw new TypeError(`${url} is not requested`);
}

/** Options of a build's world. */
interface WorldOptions {
  /** The caller's credentials for other registries; in memory only. */
  logins?: Logins | undefined;
  /** See `ImageResolverOptions`. */
  prefersOwn?: boolean | undefined;
}

interface ImagesOptions extends WorldOptions {
  host: string;
  canPull: (repository: string) => boolean;
  remoteOf: (host: string) => RemoteRegistry;
  policy: NetworkPolicy;
  realms: Realms;
  staleTags?: boolean;
}

function imagesOf(
  { store, cache, own }: Pick<World, "store" | "cache"> & { own: Registry },
  { host, canPull, remoteOf, policy, realms, logins = {}, prefersOwn, staleTags = false }: ImagesOptions,
): ImageResolver {
  const open = (other: string) =>
    new PullThrough({ store, cache, remote: remoteOf(other), host: other, staleTags });
  // Do not use mirrors, which serve public content only, and do not share this caller's tokens.
  const authorizedOf = remoteRegistries({ policy, realms, credentials: (other) => logins[other] });
  const authorized = (other: string) =>
    new PullThrough({
      store,
      cache: memoryCache(),
      known: new ConfirmedContents(),
      remote: authorizedOf(other),
      host: other,
    });
  return new ImageResolver({
    store,
    own: new RestrictedRegistry(own, (right, name) => right === "pull" && canPull(name)),
    prefersOwn,
    ownHost: host,
    isOwnHost: (other) => other !== "docker.io" && isOwnHost(other, host),
    remote: (other) =>
      Object.hasOwn(logins, other) ? new LoginUpstream(open(other), authorized(other)) : open(other),
  });
}

/** Policy for network addresses, mirrors of registries, and their token services on other sites. */
export function registrySettings(env: Env): { policy: NetworkPolicy; mirrors: Mirrors; realms: Realms } {
  const mirrors = parseMirrors(env.VARVE_MIRRORS);
  const newMark = requestMarks(env);
  const policy = {
    allowLoopback: env.VARVE_LOCAL === "1",
    ...(newMark !== undefined && { newMark }),
    trustedOrigins: Object.values(mirrors).map((url) => new URL(url).origin),
  };
  return { policy, mirrors, realms: parseRealms(env.VARVE_REALMS) };
}

/** A world without images, and the settings of registries. */
function settingsOf(env: Env, host: string) {
  const { policy, mirrors, realms } = registrySettings(env);
  const isLocal = env.VARVE_LOCAL === "1";
  return {
    store: storeOf(env),
    own: ownRegistry(env),
    cache: kvCache(env.CACHE),
    policy,
    mirrors,
    realms,
    // Only clients of registries may reach a mirror in a private network.
    fetch: checkedFetch({ ...policy, trustedOrigins: [], allowPlainHttp: true }),
    origin: `${isLocal ? "http" : "https"}://${host}`,
    layerMemory: isLocal ? layerMemory.local : layerMemory.worker,
    memory: isolateMemory,
    ...(env.LAYERS && { layerProgram: remoteLayers(env.LAYERS) }),
  };
}
