import type { CacheGrant, CacheSharing } from "../../../schemas/cache-mount.ts";

/** Why a state is rejected. */
export type CacheMountRefusal = "lease-ended" | "pack-unknown" | "too-large";

/**
 * The object of the caches of one key, named by the key: grants leases, and records what R2 has of each cache. A state
 * replaces the one before in one step; the last one that is written counts.
 */
export interface CacheMountService extends Rpc.DurableObjectBranded {
  /** Undefined while other leases have what is requested. @param cache this object's name, which an alarm does not know */
  acquire(cache: string, sharing: CacheSharing): Promise<CacheGrant | undefined>;
  /** False when the lease has ended. */
  renew(lease: string): Promise<boolean>;
  /** Whether a runner has recently requested a cache that another one holds. */
  isWanted(): Promise<boolean>;
  release(lease: string): Promise<void>;
  /** The key of the state in R2; null when there is none, undefined when the lease has ended. */
  state(lease: string): Promise<string | null | undefined>;
  /** Records a pack before it is written. */
  addPack(lease: string, id: string, bytes: number): Promise<CacheMountRefusal | undefined>;
  /** Makes the object at `state` the state, when all packs that it names exist; returns its generation. */
  keep(lease: string, state: string, packs: readonly string[]): Promise<number | CacheMountRefusal>;
}
