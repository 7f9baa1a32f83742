import type { CacheGrant, CacheSharing } from "../../../schemas/cache-mount.ts";

/** The reason why a state is rejected. */
export type CacheMountRefusal = "lease-ended" | "pack-unknown" | "too-large";

/**
 * The object for the caches of one key, named by the key. Grants leases, and records the state of each cache in R2. A state
 * replaces the previous one atomically; the last writer wins.
 */
export interface CacheMountService extends Rpc.DurableObjectBranded {
  /** Undefined while other leases exclude the request. @param cache this object's name, which an alarm does not know */
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
  /** Makes the object with the key `state` the current state, if all its packs exist; returns its generation. */
  keep(lease: string, state: string, packs: readonly string[]): Promise<number | CacheMountRefusal>;
}
