import { refusals } from "../../store/retry.ts";
import { addSample, addSamples, type MetricName, type Samples } from "./metrics.ts";
import { type MetricsNamespace, metricsObject } from "./metrics-service.ts";

/** Milliseconds for which an isolate keeps what it has counted. */
const sendMilliseconds = 5_000;

/** What this isolate has counted and not sent yet. */
let pending: Samples = {};
let sent = 0;
/** When the next sending is due. A request that should have sent may have ended before. */
let due = 0;

/** Counts something in this isolate. */
export function count(name: MetricName, labels: Readonly<Record<string, string>> = {}, value = 1): void {
  addSample(pending, name, labels, value);
}

/** Sends what this isolate has counted, at once or as soon as the last time is long enough ago. Never throws. */
export async function sendCounts(env: MetricsNamespace): Promise<void> {
  const now = Date.now();
  if (now <= due) return;
  due = Math.max(now, sent + sendMilliseconds);
  await new Promise((resolve) => setTimeout(resolve, due - now));
  await sendNow(env);
}

/** Sends what this isolate has counted. Never throws. */
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
    // The object was not reachable: send them with the next ones.
    addSamples(pending, samples);
  }
}
