import { Hono } from "hono";
import { type PruneOptions, type PruneReport, pruneOptions, type Usage } from "../../../schemas/usage.ts";
import { readAge } from "../../garbage/age.ts";
import type { PruneRules } from "../../garbage/run.ts";
import { measureUsage } from "../../garbage/usage.ts";
import { readRepository } from "../../registry/names.ts";
import type { App, Env } from "../environment.ts";
import { callObject } from "../http/object-interrupted.ts";
import { parseRequestJson } from "../http/parse-json.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestText } from "../http/request-body.ts";
import { storeOf } from "../store.ts";
import { collectorOf, type StartedCollection } from "./collector-service.ts";

/** Maximum time that a request waits for its prune, in milliseconds. */
const WAIT_MS = 20_000;
const MAX_REQUEST = 256 * 1024;
/** Minimum grace period in seconds, because a new object may not have its reference yet. */
const MIN_GRACE = 60;
/** Maximum number of objects that a request for usage counts. */
const MAX_COUNTED = 20_000;
/** Default time for which records of builds are kept, in seconds. */
const BUILDS_KEPT = 30 * 24 * 60 * 60;

/** Routes of `/v1/prune`: garbage collection. */
export const pruneRoutes = new Hono<App>();

pruneRoutes.post("/", async (c) => {
  // Reject a query: ignoring its options would delete more than requested.
  const [option] = new URL(c.req.url).searchParams.keys();
  if (option !== undefined) throw queryOptionError(option);
  const text = await readRequestText(c.req.raw, MAX_REQUEST);
  const rules = pruneRules(pruneOptions.parse(text === "" ? {} : parseRequestJson(text)), Date.now());
  return answer(await startPrune(c.env, rules, WAIT_MS));
});

pruneRoutes.get("/", async (c) => {
  const id = new URL(c.req.url).searchParams.get("id") ?? undefined;
  const isPossible = id === undefined || /^\d{1,12}$/.test(id);
  const report = isPossible ? await collectorOf(c.env).report(id) : undefined;
  if (report !== undefined) return c.json(report);
  throw new ProblemError(id === undefined ? "nothing-pruned" : "prune-unknown", {
    hint: "POST to /v1/prune.",
  });
});

/** Requests a prune and waits for its report. @throws {ProblemError} `prunes-waiting` */
export async function startPrune(env: Env, rules: PruneRules, milliseconds: number): Promise<PruneReport> {
  const started = await requestPrune(env, rules);
  if ("id" in started) {
    const report = await callObject(() => collectorOf(env).wait(started.id, milliseconds));
    if (report !== undefined) return report;
  }
  throw new ProblemError(
    "prunes-waiting",
    {
      detail: "Cannot prune: too many other prunes are waiting",
      hint: "Wait until they have ended: GET /v1/prune.",
    },
    { "retry-after": "60" },
  );
}

/** `GET /v1/usage`: storage in use. */
export const usageRoutes = new Hono<App>();

usageRoutes.get("/", async (c) => c.json((await currentUsage(c.env)) satisfies Usage));

/** Storage in use: counted now, or by the last prune when the store is large. */
export async function currentUsage(env: Env): Promise<Usage> {
  const counted = await collectorOf(env).usage();
  const isLarge = counted !== undefined && counted.total.objects > MAX_COUNTED;
  return isLarge ? counted : measureUsage(storeOf(env));
}

/** Runs garbage collection once a day. */
export async function pruneDaily(env: App["Bindings"], now: number): Promise<void> {
  await requestPrune(env, pruneRules(pruneOptions.parse({}), now));
}

function requestPrune(env: Env, rules: PruneRules): Promise<StartedCollection> {
  const request = crypto.randomUUID();
  return callObject<StartedCollection>(() => collectorOf(env).start(rules, request));
}

function queryOptionError(option: string): ProblemError {
  return new ProblemError("invalid-request", {
    detail: `Cannot read the option "${option}" in the query`,
    hint: 'Send options of prune in the body, as JSON: {"dryRun": true}.',
  });
}

/** Converts options with ages to rules with times. @throws {ProblemError} */
export function pruneRules(
  options: PruneOptions & { dryRun: boolean; unused: string; grace: string },
  now: number,
): PruneRules {
  const before = (name: string, age: string, least = 0): number => {
    const seconds = readAge(age);
    if (seconds !== undefined) return now - Math.max(seconds, least) * 1000;
    throw new ProblemError("invalid-request", {
      detail: `Cannot read "${age}" as ${name}: write an age as 90s, 24h or 7d`,
    });
  };
  const { dryRun, until, keep, untagged, unused, grace, repositories } = options;
  return {
    dryRun,
    grace: before("grace", grace, MIN_GRACE),
    unused: before("unused", unused),
    builds: before("until", until ?? `${BUILDS_KEPT}s`),
    ...(until !== undefined && { until: before("until", until) }),
    ...(untagged !== undefined && { untagged: before("untagged", untagged) }),
    ...(keep !== undefined && { keep }),
    ...(repositories !== undefined && {
      repositories: new Set(repositories.map((name) => readRepository(name))),
    }),
  };
}

function answer(report: PruneReport): Response {
  if (report.state !== "running") return Response.json(report);
  return Response.json(report, { status: 202, headers: { location: `/v1/prune?id=${report.id}` } });
}
