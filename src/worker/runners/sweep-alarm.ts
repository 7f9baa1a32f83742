import type { JobTable } from "../jobs/job-table.ts";
import { tokenExpiries } from "./review-runners.ts";
import type { RunnerSockets } from "./runner-sockets.ts";

const SWEEP_MS = 20_000;

/** The alarm of the object of runners. */
export class SweepAlarm {
  readonly #storage: DurableObjectStorage;
  /** Time of the alarm that this instance set, in milliseconds since 1970. */
  #due: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Must be called when the alarm was triggered. */
  triggered(): void {
    this.#due = undefined;
  }

  /** Sets the alarm for the next sweep while jobs exist, and for the expiry of runners' tokens. */
  async schedule(table: JobTable, sockets: RunnerSockets): Promise<void> {
    const hasJobs = table.all().length > 0;
    const moments = [
      ...(hasJobs ? [Date.now() + SWEEP_MS] : []),
      ...tokenExpiries(sockets).map((seconds) => Math.max(seconds * 1000, Date.now() + 1_000)),
    ];
    if (moments.length === 0) return;
    const moment = Math.min(...moments);
    if (this.#due !== undefined && this.#due <= moment) return;
    this.#due = moment;
    await this.#storage.setAlarm(moment);
  }
}
