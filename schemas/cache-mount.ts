import { z } from "zod";

// The contents of a cache mount of RUN, as the server keeps them: the tar of its folder, cut into content-defined chunks.
// Each chunk is a separate zstd frame. Packs contain chunks, and a state lists the chunks in order.
//
// POST   /v1/jobs/<id>/caches/<key>              requests the cache, with the token of the job. The answer is a grant, or
//                                                423 while other runners use it.
// With `Authorization: Bearer <lease of the grant>`, also after the job has ended:
// GET    /v1/jobs/<id>/caches/<key>/state        reads the state
// GET    /v1/jobs/<id>/caches/<key>/packs/<id>   reads the `Range` of a pack
// PUT    /v1/jobs/<id>/caches/<key>/packs/<id>   stores a new pack
// PUT    /v1/jobs/<id>/caches/<key>/state        replaces the state
// POST   /v1/jobs/<id>/caches/<key>/lease        renews the lease; responds whether another runner waits
// DELETE /v1/jobs/<id>/caches/<key>/lease        ends the lease

const cacheSharing = z.enum(["shared", "private", "locked"]);
export type CacheSharing = z.infer<typeof cacheSharing>;

/** A job's request for a cache. */
export const cacheRequest = z.object({ sharing: cacheSharing });

/** The temporary right to use a cache. */
export const cacheGrant = z.object({
  lease: z.string(),
  /** Seconds after which the lease ends unless it is renewed. */
  seconds: z.int(),
  /** Number of the cache, if each user has a separate one. */
  slot: z.int(),
  /** Increases with each stored state; 0 without a state. */
  generation: z.int(),
  /** Maximum bytes of all packs. */
  limit: z.int(),
});
export type CacheGrant = z.infer<typeof cacheGrant>;

/** The answer to the renewal of a lease. */
export const renewedLease = z.object({
  /** Another runner recently requested the cache: save it and end the lease. */
  wanted: z.boolean(),
});

/** Maximum bytes of a pack. */
export const MAX_CACHE_PACK = 32 * 2 ** 20;
const packId = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Maximum bytes of an uncompressed chunk. */
export const MAX_CHUNK = 2 ** 20;

/** SHA-256 (hex) and size of a chunk, the index of its pack, and its offset and length there. */
export const cacheChunk = z.tuple([
  z.string().regex(/^[0-9a-f]{64}$/),
  z.int().positive().max(MAX_CHUNK),
  z.int().nonnegative(),
  z.int().nonnegative(),
  z.int().positive(),
]);
export type CacheChunk = z.infer<typeof cacheChunk>;

/** The contents of a cache. */
export const cacheState = z.object({
  packs: z.array(packId).max(100_000),
  chunks: z.array(cacheChunk).max(1_000_000),
});
export type CacheState = z.infer<typeof cacheState>;

/** The answer to a stored state. */
export const keptState = z.object({ generation: z.int() });

export function isPackId(text: string): boolean {
  return packId.safeParse(text).success;
}
