import type { RunnerSockets } from "../runners/runner-sockets.ts";
import type { JobInterests } from "./job-interests.ts";
import { GRACE_MS, type JobQueue } from "./job-queue.ts";
import type { JobTable } from "./job-table.ts";

/** Milliseconds after the last request about a job at which it is removed. */
const ABANDONED_MS = 60_000;
/** Seconds after the timeout of a job at which the server stops it, if its runner did not. */
const OVERTIME_SECONDS = 60;

interface SweepOptions {
  table: JobTable;
  interests: JobInterests;
  sockets: RunnerSockets;
  queue: JobQueue;
  /** Whether a client has the terminal of a job. */
  isOpen(id: string): boolean;
  /** Drops an abandoned job. */
  release(id: string): void;
  /** Called when a runner was lost. Must sweep again after the grace period. */
  lost(): void;
}

/** Handles jobs whose runner or owner has disappeared, and those that take too long. */
export function sweepJobs({ table, interests, sockets, queue, isOpen, release, lost }: SweepOptions): void {
  const now = Date.now();
  const connected = new Set(sockets.connected().map(({ id }) => id));
  for (const row of table.all()) {
    const { id, state, since, timeout } = row;
    if (now - (interests.asked(id) ?? since) > ABANDONED_MS && !isOpen(id)) {
      release(id);
    } else if (state === "running" && !connected.has(row.runner ?? "")) {
      table.setState(id, "lost");
      lost();
    } else if (state === "running" && now - since > (timeout + OVERTIME_SECONDS) * 1000) {
      queue.stop(row);
      table.fail(id, { reason: "timeout", message: `it ran for more than ${timeout} seconds` });
      interests.wake(id);
    } else if (state === "lost" && now - since >= GRACE_MS) {
      queue.again(id);
      interests.wake(id);
    }
  }
}
