import { setTimeout as sleep } from "node:timers/promises";
import {
  type CacheGrant,
  type CacheSharing,
  type CacheState,
  cacheGrant,
  cacheState,
  keptState,
  renewedLease,
} from "../../../schemas/cache-mount.ts";
import type { JobRef } from "../server/job-service.ts";
import { transferError } from "../server/transfer-error.ts";

/** Time between requests for a cache that another runner has locked. */
const RETRY_MS = 500;
/** Time limit of a request. The largest one transfers one pack. */
const TIMEOUT_MS = 120_000;

/** A lease of a cache mount that the server keeps. Renewed until it is released. */
export class CacheLease {
  readonly grant: CacheGrant;
  readonly #url: string;
  readonly #renewing: NodeJS.Timeout;

  private constructor(url: string, grant: CacheGrant) {
    this.#url = url;
    this.grant = grant;
    // Three times per lifetime, so that two lost requests do no harm.
    this.#renewing = setInterval(
      () => {
        this.#request("renew the lease", "lease", { method: "POST" }).catch(() => {});
      },
      (grant.seconds * 1000) / 3,
    );
    this.#renewing.unref();
  }

  /**
   * Waits until no other runner has locked the cache. Undefined when the server does not keep it or is unavailable.
   * @throws {DOMException} when `signal` aborts
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
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  /** @throws {TransferError} */
  async state(signal: AbortSignal): Promise<CacheState> {
    const response = await this.#request("read the state of a cache", "state", { signal });
    return cacheState.parse(await response.json());
  }

  /** Part of a pack. @throws {TransferError} */
  async read(pack: string, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    const response = await this.#request("read a pack of a cache", `packs/${pack}`, { headers, signal });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** @throws {TransferError} */
  async putPack(pack: string, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    await this.#request("store a pack of a cache", `packs/${pack}`, { method: "PUT", body: bytes, signal });
  }

  /**
   * @returns the generation of the state
   * @throws {TransferError} 409 when a pack no longer exists, 413 when the packs have too many bytes
   */
  async putState(state: CacheState, signal: AbortSignal): Promise<number> {
    const response = await this.#request("store the state of a cache", "state", {
      method: "PUT",
      body: JSON.stringify(state),
      signal,
    });
    return keptState.parse(await response.json()).generation;
  }

  /** Whether another runner waits for the cache; false when the server does not answer. */
  async isWanted(): Promise<boolean> {
    try {
      const response = await this.#request("renew the lease", "lease", { method: "POST" });
      return renewedLease.parse(await response.json()).wanted;
    } catch {
      return false;
    }
  }

  /** Ends the lease. A failure is ignored, because the lease expires. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#request("release a cache", "lease", { method: "DELETE" }).catch(() => {});
  }

  async #request(doing: string, path: string, request: RequestInit): Promise<Response> {
    const { signal, headers } = request;
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${this.#url}/${path}`, {
      ...request,
      headers: { ...headers, authorization: `Bearer ${this.grant.lease}` },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (response.ok) return response;
    throw await transferError(`Cannot ${doing}`, response);
  }
}
