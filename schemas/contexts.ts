import { z } from "zod";

export const sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** The optional first line of a posted listing. */
export const listingHead = z.strictObject({
  /** A listing that the server has. The following lines are the differences from it. */
  base: sha256Digest.optional(),
  /** Packs that were uploaded for this listing. */
  packs: z.array(sha256Digest).max(16_384).optional(),
});
export type ListingHead = z.infer<typeof listingHead>;

/** An entry of a listing: one line. */
export const listingEntry = z.tuple([
  z.string().describe("Path"),
  z.enum(["file", "dir", "symlink", "hardlink", "char", "block", "fifo"]),
  z.int().min(0).max(0o7777).describe("Mode"),
  z.int().min(0).describe("User id"),
  z.int().min(0).describe("Group id"),
  z.int().min(0).describe("Bytes of a file"),
  z.string().describe("Digest of a file, target of a link, or nothing"),
  z
    .strictObject({
      mtime: z.number().optional(),
      device: z.tuple([z.int().min(0), z.int().min(0)]).optional(),
      xattrs: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
]);

/** A path of the base that was removed, with everything below it. */
const listingRemoval = z.tuple([z.string().describe("Path")]);

/** A line of the body of `POST /v1/contexts`. */
export const listingLine = z.union([listingHead, listingEntry, listingRemoval]);

/** The answer to a posted listing. The context is complete when nothing is missing. */
export const contextState = z.object({
  /** Identifies the context. */
  digest: sha256Digest,
  /** Digests of files to upload. */
  missing: z.array(sha256Digest),
});
export type ContextState = z.infer<typeof contextState>;

/**
 * Paths of contexts, by the name of the context; the main one has an empty name. Null means the whole context. Paths are
 * relative to the root, with Go wildcards (`* ? [` and `\`), unique and in byte order.
 */
export const contextPaths = z.record(z.string(), z.array(z.string()).nullable());
export type ContextPaths = z.infer<typeof contextPaths>;

/** A stored pack. */
export const packState = z.object({ digest: sha256Digest });
export type PackState = z.infer<typeof packState>;
