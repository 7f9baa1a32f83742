import { z } from "zod";

/** A runner of a pool that is connected. */
const runnerInfo = z.object({
  /** Name of its pool. Servers before there were several do not send it. */
  pool: z.string().optional(),
  platforms: z.array(z.string()),
  /** Jobs at a time. */
  capacity: z.int(),
  /** Containers with terminals at a time; 0 when it starts none. */
  containers: z.int(),
  labels: z.record(z.string(), z.string()),
  /** Jobs that it has. */
  jobs: z.int(),
});
export type RunnerInfo = z.infer<typeof runnerInfo>;

/** The runner that a local server starts on its own machine. */
export const localRunner = z.object({
  /** `restarting`: it has ended and is started again. `unavailable`: this machine cannot execute steps. */
  state: z.enum(["running", "restarting", "unavailable"]),
  /** RFC 3339: when this state began. */
  since: z.iso.datetime(),
  /** Number of restarts. */
  restarts: z.int().min(0),
  /** Why it does not run. */
  detail: z.string().optional(),
});
export type LocalRunnerState = z.infer<typeof localRunner>;

/** The answer of `GET /v1/runners`. */
export const runnerList = z.object({
  runners: z.array(runnerInfo),
  /** On a local server that starts a runner. */
  local: localRunner.optional(),
});
export type RunnerList = z.infer<typeof runnerList>;
