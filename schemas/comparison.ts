import { z } from "zod";
import { entryCount, fileEntry, imageLayer, platformQuery } from "./images.ts";

/** A path that differs between two images. */
const fileDifference = z.object({
  path: z.string(),
  change: z.enum(["added", "changed", "removed"]),
  /** The entry in each image. */
  before: fileEntry.omit({ path: true, change: true }).optional(),
  after: fileEntry.omit({ path: true, change: true }).optional(),
});
export type FileDifference = z.infer<typeof fileDifference>;

const compared = z.object({
  name: z.string(),
  digest: z.string(),
  platform: z.string(),
  size: z.int(),
});
const changeCount = z.object({ files: z.int(), bytes: z.int() });

/** The differences between two images. */
export const comparison = z.object({
  before: compared,
  after: compared,
  layers: z.object({
    shared: z.array(imageLayer),
    removed: z.array(imageLayer),
    added: z.array(imageLayer),
  }),
  /** Differing fields of the config: `Env.PATH`, `Cmd`, `Labels.version`. Values are JSON or text. */
  config: z.array(
    z.object({ field: z.string(), before: z.string().optional(), after: z.string().optional() }),
  ),
  /** Counts over all files. `bytes` of `changed` are those in the second image. Times are not compared. */
  counts: z.object({ added: changeCount, changed: changeCount, removed: changeCount }),
  /** In path order, at most `n`. */
  files: z.array(fileDifference),
  /** Whether there are more than `n`. */
  more: z.boolean(),
});
export type Comparison = z.infer<typeof comparison>;

export const compareQuery = z.strictObject({
  ...platformQuery.shape,
  n: entryCount(10_000).default(1000),
});
