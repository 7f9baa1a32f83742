import { z } from "zod";

/** What a step of `POST /v1/scrub` found. */
export const scrubReport = z.object({
  /** Objects that were looked at. */
  objects: z.int(),
  /** Bytes that were read again. */
  bytes: z.int(),
  faults: z.array(
    z.object({
      /** Where it lies in the bucket. */
      key: z.string(),
      problem: z.string(),
    }),
  ),
  /** Give this as `after` to go on; absent when all was seen. */
  next: z.string().optional(),
});
export type ScrubReport = z.infer<typeof scrubReport>;
