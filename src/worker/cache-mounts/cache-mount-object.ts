import { DurableObject } from "cloudflare:workers";
import type { CacheGrant, CacheSharing } from "../../../schemas/cache-mount.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import type { CacheMountRefusal, CacheMountService } from "./cache-mount-service.ts";
import { CacheMountTable } from "./cache-mount-table.ts";

/** Seconds after which a locked cache of a lost runner is free. */
const LEASE_SECONDS = 60;
/** Milliseconds without use after which a cache is dropped. */
const UNUSED_MS = 30 * 24 * 60 * 60 * 1000;
const TIDY_MS = 60 * 60 * 1000;
/** Milliseconds after its last request for which a runner counts as waiting. Waiting runners poll. */
const WANTED_MS = 10_000;
/** Default of VARVE_CACHE_MOUNT_BYTES. */
const DEFAULT_MAX_BYTES = 2 * 2 ** 30;

export function cachePackKey(cache: string, pack: string): string {
  return `caches/${cache}/packs/${pack}`;
}

/** Maximum number of bytes of all packs of a cache; 0 to store no caches. */
export function cacheLimit({ VARVE_CACHE_MOUNT_BYTES }: Env): number {
  return Number(VARVE_CACHE_MOUNT_BYTES ?? DEFAULT_MAX_BYTES);
}

export class CacheMount extends DurableObject<Env> implements CacheMountService {
  readonly #table: CacheMountTable;
  readonly #limit: number;
  /** Time of the last request for a cache that another runner has, in milliseconds since 1970. */
  #wantedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#table = new CacheMountTable(ctx.storage.sql);
    this.#limit = cacheLimit(env);
  }

  async acquire(cache: string, sharing: CacheSharing): Promise<CacheGrant | undefined> {
    this.ctx.storage.kv.put("cache", cache);
    const slot = this.#table.freeSlot(sharing);
    if (slot === undefined || this.#table.leases().some((lease) => lease.slot === slot)) {
      this.#wantedAt = Date.now();
    }
    if (slot === undefined) return undefined;
    const lease = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
    this.#table.addLease({ lease: sha256(lease), slot, until: leaseEnd() }, sharing);
    const row = this.#table.slot(slot);
    this.#table.keepSlot({ ...row, used: Date.now() });
    await this.ctx.storage.setAlarm(Date.now() + TIDY_MS);
    return { lease, seconds: LEASE_SECONDS, slot, generation: row.generation, limit: this.#limit };
  }

  async renew(lease: string): Promise<boolean> {
    return this.#use(lease) !== undefined;
  }

  async isWanted(): Promise<boolean> {
    return Date.now() - this.#wantedAt < WANTED_MS;
  }

  async release(lease: string): Promise<void> {
    this.#table.removeLease(sha256(lease));
  }

  async state(lease: string): Promise<string | null | undefined> {
    const slot = this.#use(lease);
    return slot === undefined ? undefined : this.#table.slot(slot).state;
  }

  async addPack(lease: string, id: string, bytes: number): Promise<CacheMountRefusal | undefined> {
    const slot = this.#use(lease);
    if (slot === undefined) return "lease-ended";
    const key = sha256(lease);
    if (this.#table.pendingBytes(key) + bytes > this.#limit) return "too-large";
    // Never overwrite a pack, because other jobs may be reading it.
    return this.#table.addPack(id, slot, bytes, key) ? undefined : "pack-unknown";
  }

  async keep(lease: string, state: string, packs: readonly string[]): Promise<number | CacheMountRefusal> {
    const slot = this.#use(lease);
    if (slot === undefined) return "lease-ended";
    const known = this.#table.packs(slot);
    let bytes = 0;
    for (const id of packs) {
      const size = known.get(id);
      if (size === undefined) return "pack-unknown";
      bytes += size;
    }
    if (bytes > this.#limit) return "too-large";
    const { generation, state: before } = this.#table.slot(slot);
    this.#table.keepSlot({ slot, generation: generation + 1, state, used: Date.now() });
    const gone = this.#table.settlePacks(slot, new Set(packs));
    await this.#drop(gone, before);
    return generation + 1;
  }

  override async alarm(): Promise<void> {
    this.#table.removeEndedLeases();
    for (const { slot, state, used } of this.#table.slots()) {
      const isUsed = this.#table.leases().some((lease) => lease.slot === slot);
      const kept = isUsed || Date.now() - used < UNUSED_MS;
      // Packs of a state that was never stored.
      if (kept) await this.#drop(this.#table.settlePacks(slot, await this.#packsOf(state)), null);
      else {
        this.#table.removeSlot(slot);
        await this.#drop([...this.#table.packs(slot).keys()], state);
      }
    }
    if (this.#table.slots().length > 0) await this.ctx.storage.setAlarm(Date.now() + TIDY_MS);
  }

  async #packsOf(state: string | null): Promise<Set<string>> {
    const bytes = state === null ? undefined : await storeOf(this.env).getBytes(state);
    if (bytes === undefined) return new Set();
    return new Set((JSON.parse(new TextDecoder().decode(bytes)) as { packs: string[] }).packs);
  }

  async #drop(packs: readonly string[], state: string | null): Promise<void> {
    this.#table.removePacks(packs);
    const cache = this.ctx.storage.kv.get<string>("cache") ?? "";
    const keys = packs.map((id) => cachePackKey(cache, id));
    await storeOf(this.env).delete(...keys, ...(state === null ? [] : [state]));
  }

  /** The slot of a lease. Updates the time of its last use. */
  #use(lease: string): number | undefined {
    const row = this.#table.lease(sha256(lease));
    if (row !== undefined) this.#table.renewLease(row.lease, leaseEnd());
    return row?.slot;
  }
}

function leaseEnd(): number {
  return Date.now() + LEASE_SECONDS * 1000;
}
