import { z } from "zod";

/** `degraded`: requests are answered, but something needs the operator. */
const healthStatus = z.enum(["ok", "degraded", "failed"]);
export type HealthStatus = z.infer<typeof healthStatus>;

/** The health of a server: the worst status of its parts. */
export const health = z.object({
  status: healthStatus,
  checks: z.array(
    z.object({
      /** The part: `bindings`, `storage`, `cache`, `access`, `runners`, `metrics` or `prune`. */
      name: z.string(),
      status: healthStatus,
      milliseconds: z.int(),
      /** The fault, and its remedy. */
      detail: z.string().optional(),
    }),
  ),
});
export type Health = z.infer<typeof health>;
