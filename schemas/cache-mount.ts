import { z } from "zod";

// What a cache mount of RUN keeps beyond a machine: the archive of its folder, cut into chunks where its content says
// so. Chunks are compressed with zstd, each by itself, and lie in packs; a state lists them in order.
//
// POST   /v1/jobs/<id>/caches/<key>              asks for the cache, with the token of the job → a grant, or 423 while
//                                                others have it
// With `Authorization: Bearer <lease of the grant>`, also when the job has ended:
// GET    /v1/jobs/<id>/caches/<key>/state        the state that is kept
// GET    /v1/jobs/<id>/caches/<key>/packs/<id>   a part of a pack, as `Range` says
// PUT    /v1/jobs/<id>/caches/<key>/packs/<id>   a new pack
// PUT    /v1/jobs/<id>/caches/<key>/state        a state that takes the place of the one before, whole
// POST   /v1/jobs/<id>/caches/<key>/lease        the cache is still in use; the answer says whether others wait for it
// DELETE /v1/jobs/<id>/caches/<key>/lease        it is no more

export const cacheSharing = z.enum(["shared", "private", "locked"]);
export type CacheSharing = z.infer<typeof cacheSharing>;

/** What a job asks of a cache that it mounts. */
export const cacheRequest = z.object({ sharing: cacheSharing });

/** The right to use a cache for a time. */
export const cacheGrant = z.object({
  lease: z.string(),
  /** Seconds after which the lease ends unless it is renewed. */
  seconds: z.int(),
  /** Which of several caches, where each user has one alone. */
  slot: z.int(),
  /** Grows with each state that is kept; 0 when there is none. */
  generation: z.int(),
  /** Bytes that packs may have together. */
  limit: z.int(),
});
export type CacheGrant = z.infer<typeof cacheGrant>;

/** Answer to the renewal of a lease. */
export const renewedLease = z.object({
  /** Another runner asked for the cache lately: what is not saved should be saved, and the lease released. */
  wanted: z.boolean(),
});

/** Bytes of one pack at most. */
export const largestPack = 32 * 2 ** 20;
const packId = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Bytes of one chunk at most, before it is compressed. */
export const largestChunk = 2 ** 20;

/** SHA-256 (hex) and size of a chunk, its pack (by position), and where it lies there: offset and bytes. */
export const cacheChunk = z.tuple([
  z.string().regex(/^[0-9a-f]{64}$/),
  z.int().positive().max(largestChunk),
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

/** Answer to a state that was put. */
export const keptState = z.object({ generation: z.int() });

export function isPackId(text: string): boolean {
  return packId.safeParse(text).success;
}
