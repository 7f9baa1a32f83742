import { type ProblemCode, problemCodes } from "../../../schemas/problem-codes.ts";

/** Values of the label `route`: the parts of the API. */
const routes = [
  "access",
  "builds",
  "check",
  "containers",
  "contexts",
  "health",
  "images",
  "insights",
  "jobs",
  "packs",
  "plan",
  "prune",
  "runners",
  "scrub",
  "tokens",
  "usage",
  "blobs",
  "manifests",
  "uploads",
  "token",
  "registry",
  "engine",
  "other",
] as const;
export type MeasuredRoute = (typeof routes)[number];

/** Values of the label `code`: the problem codes, `dockerfile` for all Dockerfile errors, and `other`. */
const codes = [...(Object.keys(problemCodes) as ProblemCode[]), "dockerfile", "other"] as const;

/** Upper bounds of a histogram, in seconds. */
const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600];

interface Metric {
  help: string;
  /** All values of each label. They are fixed, so the number of series is bounded. */
  labels: Readonly<Record<string, readonly string[]>>;
  isHistogram?: true;
}

/** All metrics. */
const metrics = {
  varve_requests_total: {
    help: "Requests by part of the API and class of status.",
    labels: { route: routes, status: ["1xx", "2xx", "3xx", "4xx", "5xx"] },
  },
  varve_request_seconds: {
    help: "Seconds from a request to the head of its response.",
    labels: { route: routes },
    isHistogram: true,
  },
  varve_received_bytes_total: {
    help: "Bytes of request bodies with a Content-Length.",
    labels: { route: routes },
  },
  varve_sent_bytes_total: {
    help: "Bytes of response bodies with a Content-Length.",
    labels: { route: routes },
  },
  varve_problems_total: {
    help: "Rejected requests by the code of their problem.",
    labels: { code: codes },
  },
  varve_builds_total: {
    help: "Ended builds by their result.",
    labels: { state: ["done", "failed", "cancelled"] },
  },
  varve_build_seconds: { help: "Seconds that builds took.", labels: {}, isHistogram: true },
  varve_steps_total: {
    help: "Steps of builds, by whether their result was reused.",
    labels: { result: ["hit", "miss"] },
  },
  varve_storage_retries_total: {
    help: "Retried operations of R2 and KV by reason: busy (too many requests) or fault (temporary).",
    labels: { reason: ["busy", "fault"] },
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** Samples by series, as `name{label="value"}`. */
export type Samples = Record<string, number>;

/** Adds a value to a counter or a histogram. An unknown label value counts as the last known one. */
export function addSample(
  samples: Samples,
  name: MetricName,
  given: Readonly<Record<string, string>>,
  value: number,
): void {
  const { labels, isHistogram }: Metric = metrics[name];
  const pairs = Object.entries(labels).map(([label, values]) => {
    const known = values.find((one) => one === given[label]) ?? values.at(-1);
    return `${label}="${known}"`;
  });
  const add = (suffix: string, more: readonly string[], amount: number) => {
    const all = [...pairs, ...more].join();
    const series = `${name}${suffix}${all && `{${all}}`}`;
    samples[series] = (samples[series] ?? 0) + amount;
  };
  if (!isHistogram) {
    add("", [], value);
    return;
  }
  for (const bound of [...buckets, Number.POSITIVE_INFINITY]) {
    // Buckets are cumulative.
    if (value <= bound) add("_bucket", [`le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"`], 1);
  }
  add("_sum", [], value);
  add("_count", [], 1);
}

/** Adds `from` to `to`. */
export function addSamples(to: Samples, from: Samples): void {
  for (const [series, value] of Object.entries(from)) to[series] = (to[series] ?? 0) + value;
}

/** Current values by labels, by name. */
export type Gauges = Readonly<Record<string, { help: string; values: Readonly<Record<string, number>> }>>;

/** Writes Prometheus' text format, version 0.0.4. */
export function prometheusText(samples: Samples, gauges: Gauges): string {
  const series = Object.entries(samples).sort(([one], [other]) => (one < other ? -1 : 1));
  const lines: string[] = [];
  for (const [name, { help, ...metric }] of Object.entries(metrics) as [string, Metric][]) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${metric.isHistogram ? "histogram" : "counter"}`);
    const names = metric.isHistogram ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    for (const [key, value] of series) {
      if (names.includes(key.replace(/\{.*/, ""))) lines.push(`${key} ${value}`);
    }
  }
  for (const [name, { help, values }] of Object.entries(gauges)) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    for (const [labels, value] of Object.entries(values)) lines.push(`${name}${labels} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The part of the API that a path belongs to. */
export function routeOf(path: string, isEngine: boolean): MeasuredRoute {
  const [, version = "", name = ""] = path.split("/", 3);
  if (version === "v1") return routes.find((route) => route === name) ?? "other";
  if (version !== "v2") return isEngine ? "engine" : "other";
  if (name === "token") return "token";
  const [, kind] = /\/(manifests|blobs\/uploads|blobs)(?:\/[^/]*)?\/?$/.exec(path) ?? [];
  if (kind === undefined) return "registry";
  return kind === "blobs/uploads" ? "uploads" : (kind as MeasuredRoute);
}

/** The label value of a problem code. */
export function codeLabel(code: string): string {
  return code.startsWith("dockerfile") ? "dockerfile" : code;
}
