import { z } from "zod";

/** The result of one request `POST /v1/scrub`. */
export const scrubReport = z.object({
  /** Number of checked objects. */
  objects: z.int(),
  /** Number of checked bytes. */
  bytes: z.int(),
  faults: z.array(
    z.object({
      /** Key in the bucket. */
      key: z.string(),
      problem: z.string(),
    }),
  ),
  /** Send this as `after` to continue; absent when everything was checked. */
  next: z.string().optional(),
});
export type ScrubReport = z.infer<typeof scrubReport>;
