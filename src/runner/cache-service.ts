import { setTimeout as sleep } from "node:timers/promises";
import {
  type CacheGrant,
  type CacheSharing,
  type CacheState,
  cacheGrant,
  cacheState,
  keptState,
  renewedLease,
} from "../../schemas/cache-mount.ts";
import type { JobRef } from "./job-service.ts";

/** The server does not keep the cache, or not any more. */
export class CacheServiceError extends Error {
  override name = "CacheServiceError";
  readonly status: number;

  constructor(doing: string, status: number, text: string) {
    super(`Cannot ${doing}: the server answered ${status} ${text}`);
    this.status = status;
  }
}

/** How often a cache is asked for that others have alone. */
const ASK_AGAIN_MS = 500;
/** A request that takes longer is given up; the largest is one pack. */
const PATIENCE_MS = 120_000;

/** A lease of a cache at the server. */
export class CacheLease {
  readonly grant: CacheGrant;
  readonly #url: string;
  readonly #renewing: NodeJS.Timeout;

  private constructor(url: string, grant: CacheGrant) {
    this.#url = url;
    this.grant = grant;
    // What is in use stays in use: three times before it would end.
    this.#renewing = setInterval(
      () => {
        this.#ask("renew the lease", "lease", { method: "POST" }).catch(() => {});
      },
      (grant.seconds * 1000) / 3,
    );
    this.#renewing.unref();
  }

  /**
   * Waits until nobody else has what is asked for. Undefined when the server does not keep this cache, or cannot now.
   * @throws when the signal says so
   */
  static async acquire(
    server: URL,
    { id, token }: JobRef,
    key: string,
    sharing: CacheSharing,
    signal: AbortSignal,
  ): Promise<CacheLease | undefined> {
    const url = new URL(`/v1/jobs/${encodeURIComponent(id)}/caches/${key}`, server).href;
    for (;;) {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ sharing }),
        signal,
      }).catch(() => undefined);
      signal.throwIfAborted();
      if (response?.ok) return new CacheLease(url, cacheGrant.parse(await response.json()));
      await response?.body?.cancel();
      if (response?.status !== 423) return undefined;
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }

  /** @throws {CacheServiceError} */
  async state(signal: AbortSignal): Promise<CacheState> {
    const response = await this.#ask("read the state of a cache", "state", { signal });
    return cacheState.parse(await response.json());
  }

  /** Part of a pack. @throws {CacheServiceError} */
  async read(pack: string, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    const response = await this.#ask("read a pack of a cache", `packs/${pack}`, { headers, signal });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** @throws {CacheServiceError} */
  async putPack(pack: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#ask("put a pack of a cache", `packs/${pack}`, { method: "PUT", body: bytes, signal });
  }

  /**
   * Gives the generation of the state.
   * @throws {CacheServiceError} 409 when a pack is not there any more, 413 when packs have too many bytes
   */
  async putState(state: CacheState, signal: AbortSignal): Promise<number> {
    const response = await this.#ask("put the state of a cache", "state", {
      method: "PUT",
      body: JSON.stringify(state),
      signal,
    });
    return keptState.parse(await response.json()).generation;
  }

  /** Whether another runner waits for the cache; false when that is not known. */
  async isWanted(): Promise<boolean> {
    try {
      const response = await this.#ask("renew the lease", "lease", { method: "POST" });
      return renewedLease.parse(await response.json()).wanted;
    } catch {
      return false;
    }
  }

  /** Others may have it. Nobody minds when they are not told: the lease ends by itself. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#ask("release a cache", "lease", { method: "DELETE" }).catch(() => {});
  }

  async #ask(doing: string, path: string, request: RequestInit): Promise<Response> {
    const { signal, headers } = request;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${this.#url}/${path}`, {
      ...request,
      headers: { ...headers, authorization: `Bearer ${this.grant.lease}` },
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    if (response.ok) return response;
    throw new CacheServiceError(doing, response.status, (await response.text()).slice(0, 500));
  }
}
