import { z } from "zod";

/** Objects and the bytes in them. */
export const storedAmount = z.object({ objects: z.int(), bytes: z.int() });
export type StoredAmount = z.infer<typeof storedAmount>;

/** What is stored, by what it is. */
export const storageKind = z.enum([
  "blobs",
  "manifests",
  "tocs",
  "shadows",
  "contexts",
  "packs",
  "listings",
  "selections",
  "firsts",
  "builds",
  "uploads",
  "spool",
  "diffs",
  "caches",
  "markers",
  "upstreams",
  "other",
]);
export type StorageKind = z.infer<typeof storageKind>;

/** What is stored here. */
export const usage = z.object({
  total: storedAmount,
  kinds: z.partialRecord(storageKind, storedAmount),
  repositories: z.array(
    z.object({
      name: z.string(),
      tags: z.int(),
      manifests: z.int(),
      /** Different blobs that its markers name. */
      blobs: z.int(),
      /** Bytes of its blobs and manifests; what several repositories have is counted in each. */
      bytes: z.int(),
    }),
  ),
});
export type Usage = z.infer<typeof usage>;

/** Seconds as Docker's filters have them: `90s`, `24h`, `7d`, `1h30m`; or a number of seconds. */
export const age = z.string().max(32);

/**
 * What may go. Without options: what nothing refers to, and what the build cache has not used for a week. Tags go only
 * when `keep` or `until` says so.
 */
export const pruneOptions = z.strictObject({
  /** Only tell. */
  dryRun: z.boolean().default(false),
  /** Tags that were set longer ago than this go, but for those that `keep` keeps. */
  until: age.optional(),
  /** Of each repository, so many tags stay whatever their age: those that were set last. */
  keep: z.int().min(0).optional(),
  /** Manifests that no tag, index or referrer's subject leads to go when they are as old as this. */
  untagged: age.optional(),
  /** Contexts, packs, layers and base images that no image has go when they were not used for so long. */
  unused: age.default("7d"),
  /**
   * Nothing younger than this goes: a push may be about to refer to it. A minute at least. What belongs to an open upload or
   * a running build stays in any case, and an upload is open until it has received nothing for a day.
   */
  grace: age.default("24h"),
  /** Only in these repositories do tags and manifests go. */
  repositories: z.array(z.string().max(255)).max(1000).optional(),
});
export type PruneOptions = z.input<typeof pruneOptions>;

/**
 * What a prune has removed, or would remove. Each request has a report of its own. Prunes are executed one after the other;
 * one that takes longer, or waits, answers 202 with the address of its report.
 */
export const pruneReport = z.object({
  /** Of this request: `GET /v1/prune?id=…`. */
  id: z.string(),
  dryRun: z.boolean(),
  /** `running` also while it waits for another one. */
  state: z.enum(["running", "done", "failed"]),
  /** `name:tag`. */
  tags: z.array(z.string()),
  /** `name@digest`. */
  manifests: z.array(z.string()),
  removed: z.partialRecord(storageKind, storedAmount),
  total: storedAmount,
  /** RFC 3339. */
  started: z.string(),
  ended: z.string().optional(),
  /** Why it failed. */
  detail: z.string().optional(),
});
export type PruneReport = z.infer<typeof pruneReport>;
