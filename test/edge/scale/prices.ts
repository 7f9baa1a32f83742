/** Read on 2026-11-29. */
const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
const R2 = "https://developers.cloudflare.com/r2/pricing/";
const KV = "https://developers.cloudflare.com/kv/platform/pricing/";

/** A price list of Cloudflare's paid plan of Workers. */
interface Price {
  name: string;
  /** USD for each unit. */
  usd: number;
  /** Units of a month that the plan includes. */
  included: number;
  source: string;
}

const MILLION = 1_000_000;

/** List prices by what is counted; see `BillableUse`. */
export const prices = {
  requests: { name: "requests", usd: 0.3 / MILLION, included: 10 * MILLION, source: WORKERS },
  cpuMs: { name: "CPU, ms", usd: 0.02 / MILLION, included: 30 * MILLION, source: WORKERS },
  objectRequests: { name: "calls of objects", usd: 0.15 / MILLION, included: MILLION, source: OBJECTS },
  objectGbSeconds: { name: "objects, GB-s", usd: 12.5 / MILLION, included: 400_000, source: OBJECTS },
  rowsRead: { name: "rows read", usd: 0.001 / MILLION, included: 25_000 * MILLION, source: OBJECTS },
  rowsWritten: { name: "rows written", usd: 1 / MILLION, included: 50 * MILLION, source: OBJECTS },
  classA: { name: "R2 class A", usd: 4.5 / MILLION, included: MILLION, source: R2 },
  classB: { name: "R2 class B", usd: 0.36 / MILLION, included: 10 * MILLION, source: R2 },
  storedGb: { name: "R2 GB-month", usd: 0.015, included: 10, source: R2 },
  kvReads: { name: "KV reads", usd: 0.5 / MILLION, included: 10 * MILLION, source: KV },
  kvWrites: { name: "KV writes", usd: 5 / MILLION, included: MILLION, source: KV },
} as const satisfies Record<string, Price>;

/** Amounts of what is billed. */
export type BillableUse = Record<keyof typeof prices, number>;

/** The subscription of the paid plan, in USD per month. */
export const SUBSCRIPTION = 5;

/** What a use costs beyond what is included, in USD. */
export function costOf(use: BillableUse, months = 0): number {
  const lines = Object.entries(prices).map(([key, { usd, included }]) => {
    const amount = use[key as keyof typeof prices];
    return Math.max(0, amount - included * months) * usd;
  });
  return lines.reduce((sum, line) => sum + line, 0);
}

/** Sums uses, each as often as its number says. */
export function sumOf(uses: readonly (readonly [use: BillableUse, times: number])[]): BillableUse {
  const keys = Object.keys(prices) as (keyof typeof prices)[];
  return Object.fromEntries(
    keys.map((key) => [key, uses.reduce((sum, [use, times]) => sum + use[key] * times, 0)]),
  ) as BillableUse;
}
