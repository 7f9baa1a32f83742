import { refusals } from "../../store/retry.ts";
import { pause } from "../../streams/pause.ts";
import { addSample, addSamples, type MetricName, type Samples } from "./metrics.ts";
import { type MetricsNamespace, metricsObject } from "./metrics-service.ts";

/** Interval at which an isolate sends its counts, in milliseconds. */
const SEND_MS = 5_000;

/** Counts of this isolate that were not sent yet. */
let pending: Samples = {};
let sent = 0;
/** Time at which a request is going to send the counts. The request may end before that. */
let due = 0;

/** Adds a value to a metric, in this isolate. */
export function count(name: MetricName, labels: Readonly<Record<string, string>> = {}, value = 1): void {
  addSample(pending, name, labels, value);
}

/** Sends the counts of this isolate when `SEND_MS` have passed since the last time. Never throws. */
export async function sendCounts(env: MetricsNamespace): Promise<void> {
  const now = Date.now();
  if (now <= due) return;
  due = Math.max(now, sent + SEND_MS);
  await pause(due - now);
  await sendNow(env);
}

/** Sends the counts of this isolate now. Never throws. */
export async function sendNow(env: MetricsNamespace): Promise<void> {
  sent = Date.now();
  for (const reason of ["busy", "fault"] as const) {
    const amount = refusals[reason];
    refusals[reason] = 0;
    if (amount > 0) count("varve_storage_retries_total", { reason }, amount);
  }
  const samples = pending;
  pending = {};
  if (Object.keys(samples).length === 0) return;
  try {
    await metricsObject(env).add(samples);
  } catch {
    // The object was not reachable. Send these with the next counts.
    addSamples(pending, samples);
  }
}
