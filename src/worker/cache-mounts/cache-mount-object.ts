import { DurableObject } from "cloudflare:workers";
import type { CacheGrant, CacheSharing } from "../../../schemas/cache-mount.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import type { CacheMountRefusal, CacheMountService } from "./cache-mount-service.ts";
import { CacheMountTable } from "./cache-mount-table.ts";

/** Seconds after which a locked cache of a lost runner is free. */
const LEASE_SECONDS = 60;
/**
 * Milliseconds after which a lease ends although it is renewed: it outlives its job, and the token of its runner may have been
 * revoked. Longer than a step may take.
 */
const MAX_LEASE_MS = 24 * 60 * 60 * 1000;
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
  /** Undefined before the first lease, so that requests with forged keys leave no stored objects. */
  #table: CacheMountTable | undefined;
  readonly #limit: number;
  /** Time of the last request for a cache that another runner has, in milliseconds since 1970. */
  #wantedAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    if (this.#name !== undefined) this.#table = new CacheMountTable(ctx.storage.sql);
    this.#limit = cacheLimit(env);
  }

  async acquire(cache: string, sharing: CacheSharing): Promise<CacheGrant | undefined> {
    this.ctx.storage.kv.put("cache", cache);
    this.#table ??= new CacheMountTable(this.ctx.storage.sql);
    const table = this.#table;
    const slot = table.freeSlot(sharing);
    if (slot === undefined || table.leases().some((lease) => lease.slot === slot)) {
      this.#wantedAt = Date.now();
    }
    if (slot === undefined) return undefined;
    const lease = newLease();
    table.addLease({ lease: sha256(lease), slot, until: leaseEnd(lease) }, sharing);
    const row = table.slot(slot);
    table.keepSlot({ ...row, used: Date.now() });
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
    this.#table?.removeLease(sha256(lease));
  }

  async state(lease: string): Promise<string | null | undefined> {
    const used = this.#use(lease);
    return used?.table.slot(used.slot).state;
  }

  async addPack(lease: string, id: string, bytes: number): Promise<CacheMountRefusal | undefined> {
    const used = this.#use(lease);
    if (used === undefined) return "lease-ended";
    const { table, slot } = used;
    const key = sha256(lease);
    if (table.pendingBytes(key) + bytes > this.#limit) return "too-large";
    // Never overwrite a pack, because other jobs may be reading it.
    return table.addPack(id, slot, bytes, key) ? undefined : "pack-unknown";
  }

  async keep(lease: string, state: string, packs: readonly string[]): Promise<number | CacheMountRefusal> {
    const used = this.#use(lease);
    if (used === undefined) return "lease-ended";
    const { table, slot } = used;
    const known = table.packs(slot);
    let bytes = 0;
    for (const id of packs) {
      const size = known.get(id);
      if (size === undefined) return "pack-unknown";
      bytes += size;
    }
    if (bytes > this.#limit) return "too-large";
    const { generation, state: before } = table.slot(slot);
    table.keepSlot({ slot, generation: generation + 1, state, used: Date.now() });
    const gone = table.settlePacks(slot, new Set(packs));
    await this.#drop(table, gone, before);
    return generation + 1;
  }

  override async alarm(): Promise<void> {
    const table = this.#table;
    if (table === undefined) return;
    table.removeEndedLeases();
    for (const { slot, state, used } of table.slots()) {
      const isUsed = table.leases().some((lease) => lease.slot === slot);
      const kept = isUsed || Date.now() - used < UNUSED_MS;
      // Packs of a state that was never stored.
      if (kept) await this.#drop(table, table.settlePacks(slot, await this.#packsOf(state)), null);
      else {
        table.removeSlot(slot);
        await this.#drop(table, [...table.packs(slot).keys()], state);
      }
    }
    if (table.slots().length > 0) await this.ctx.storage.setAlarm(Date.now() + TIDY_MS);
  }

  get #name(): string | undefined {
    return this.ctx.storage.kv.get<string>("cache");
  }

  async #packsOf(state: string | null): Promise<Set<string>> {
    const bytes = state === null ? undefined : await storeOf(this.env).getBytes(state);
    if (bytes === undefined) return new Set();
    return new Set((JSON.parse(new TextDecoder().decode(bytes)) as { packs: string[] }).packs);
  }

  async #drop(table: CacheMountTable, packs: readonly string[], state: string | null): Promise<void> {
    table.removePacks(packs);
    const keys = packs.map((id) => cachePackKey(this.#name ?? "", id));
    await storeOf(this.env).delete(...keys, ...(state === null ? [] : [state]));
  }

  /** The slot of a lease. Updates the time of its last use. */
  #use(lease: string): { table: CacheMountTable; slot: number } | undefined {
    const table = this.#table;
    const row = table?.lease(sha256(lease));
    if (table === undefined || row === undefined) return undefined;
    table.renewLease(row.lease, leaseEnd(lease));
    return { table, slot: row.slot };
  }
}

/** A lease contains the time after which it cannot be renewed, in milliseconds since 1970. Its hash is stored. */
function newLease(): string {
  const secret = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
  return `${Date.now() + MAX_LEASE_MS}.${secret}`;
}

/** When a lease ends unless it is renewed. One that an earlier version granted has no last time. */
function leaseEnd(lease: string): number {
  const end = Date.now() + LEASE_SECONDS * 1000;
  const last = /^(\d+)\./.exec(lease)?.[1];
  return last === undefined ? end : Math.min(end, Number(last));
}
