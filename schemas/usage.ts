import { z } from "zod";

/** A number of objects and their bytes. */
const storedAmount = z.object({ objects: z.int(), bytes: z.int() });
export type StoredAmount = z.infer<typeof storedAmount>;

/** Kinds of stored objects. */
const storageKind = z.enum([
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
  "caches",
  "markers",
  "upstreams",
  "other",
]);
export type StorageKind = z.infer<typeof storageKind>;

/** Storage in use. */
export const usage = z.object({
  total: storedAmount,
  kinds: z.partialRecord(storageKind, storedAmount),
  /**
   * When it was counted, RFC 3339. For a large store this is the last prune, which runs at least once a day; a small one is
   * counted for each request.
   */
  measured: z.string(),
  repositories: z.array(
    z.object({
      name: z.string(),
      tags: z.int(),
      manifests: z.int(),
      /** Number of unique blobs. */
      blobs: z.int(),
      /** Bytes of its blobs and manifests. Blobs of several repositories count in each. */
      bytes: z.int(),
    }),
  ),
});
export type Usage = z.infer<typeof usage>;

/** A duration in the form of Docker's filters: `90s`, `24h`, `7d`, `1h30m`; or a number of seconds. */
const age = z.string().max(32);

/**
 * Options of a prune. By default it removes objects that nothing refers to and that the build cache has not used for a week.
 * It removes tags only with `keep` or `until`.
 */
export const pruneOptions = z.strictObject({
  /** Reports without removing. */
  dryRun: z.boolean().default(false),
  /** Removes tags that were set longer ago than this, except those that `keep` keeps. */
  until: age.optional(),
  /** Keeps this number of most recently set tags in each repository. */
  keep: z.int().min(0).optional(),
  /** Removes manifests of at least this age that no tag, index or subject of a referrer refers to. */
  untagged: age.optional(),
  /** Removes contexts, packs, layers and base images that no image uses and that were not used for this time. */
  unused: age.default("7d"),
  /**
   * Keeps everything younger than this, because a push may be about to refer to it. At least a minute. Open uploads and
   * running builds are always kept. An upload is open until it has received nothing for a day.
   */
  grace: age.default("24h"),
  /** Removes tags and manifests only in these repositories. */
  repositories: z.array(z.string().max(255)).max(1000).optional(),
});
export type PruneOptions = z.input<typeof pruneOptions>;

/**
 * What a prune has removed, or would remove. Each request has its own report. Prunes run one after the other; the answer to
 * one that takes long or waits is 202 with the URL of its report.
 */
export const pruneReport = z.object({
  /** Id of the report: `GET /v1/prune?id=…`. */
  id: z.string(),
  dryRun: z.boolean(),
  /** `running` also while it waits for another prune. */
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
