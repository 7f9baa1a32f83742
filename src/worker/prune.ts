import { Hono } from "hono";
import { type PruneOptions, type PruneReport, pruneOptions, type Usage } from "../../schemas/usage.ts";
import { readAge } from "../garbage/age.ts";
import type { PruneRules } from "../garbage/prune.ts";
import { measureUsage } from "../garbage/usage.ts";
import { collect } from "../streams/collect.ts";
import { collectorOf } from "./collector-object.ts";
import type { App } from "./environment.ts";
import { ProblemError } from "./problem.ts";
import { received } from "./received.ts";
import { storeOf } from "./store.ts";

/** A request to remove is answered when all is done, or after so long. */
const waitMilliseconds = 20_000;
const largestRequest = 256 * 1024;
/** What is younger than this may be about to be referred to. */
const leastGrace = 60;
/** Seconds for which records of builds are kept when nothing else is said. */
const buildsKept = 30 * 24 * 60 * 60;

/** `/v1/prune`: removes what nothing needs, and tells of it. */
export const prune = new Hono<App>();

prune.post("/", async (c) => {
  // Options that are not read must not be taken for none: without any, it removes.
  const [option] = new URL(c.req.url).searchParams.keys();
  if (option !== undefined) throw misplaced(option);
  const text = new TextDecoder().decode(await collect(received(c.req.raw), largestRequest));
  const rules = pruneRules(pruneOptions.parse(text === "" ? {} : parseJson(text)), Date.now());
  return answer(await collectorOf(c.env).start(rules, waitMilliseconds));
});

prune.get("/", async (c) => {
  const report = await collectorOf(c.env).report();
  if (report !== undefined) return c.json(report);
  throw new ProblemError({
    status: 404,
    code: "nothing-pruned",
    title: "Nothing was pruned yet",
    hint: "POST to /v1/prune.",
  });
});

/** `GET /v1/usage`: what is stored. */
export const usage = new Hono<App>();

usage.get("/", async (c) => c.json((await measureUsage(storeOf(c.env))) satisfies Usage));

/** What is removed by itself, once a day: what nothing refers to. */
export async function pruneByItself(env: App["Bindings"], now: number): Promise<void> {
  await collectorOf(env).start(pruneRules(pruneOptions.parse({}), now), 0);
}

function misplaced(option: string): ProblemError {
  return new ProblemError({
    status: 400,
    code: "invalid-request",
    title: "The request is not valid",
    detail: `Cannot read the option "${option}" in the query`,
    hint: 'Options of prune are the body, in JSON: {"dryRun": true}.',
  });
}

/** The options with times in the place of ages. @throws ProblemError */
export function pruneRules(
  options: PruneOptions & { dryRun: boolean; unused: string; grace: string },
  now: number,
): PruneRules {
  const before = (name: string, age: string, least = 0): number => {
    const seconds = readAge(age);
    if (seconds !== undefined) return now - Math.max(seconds, least) * 1000;
    throw new ProblemError({
      status: 400,
      code: "invalid-request",
      title: "The request is not valid",
      detail: `Cannot read "${age}" as ${name}: an age is like 90s, 24h or 7d`,
    });
  };
  const { dryRun, until, keep, untagged, unused, grace, repositories } = options;
  return {
    dryRun,
    grace: before("grace", grace, leastGrace),
    unused: before("unused", unused),
    builds: before("until", until ?? `${buildsKept}s`),
    ...(until !== undefined && { until: before("until", until) }),
    ...(untagged !== undefined && { untagged: before("untagged", untagged) }),
    ...(keep !== undefined && { keep }),
    ...(repositories !== undefined && { repositories: new Set(repositories) }),
  };
}

function answer(report: PruneReport): Response {
  if (report.state !== "running") return Response.json(report);
  return Response.json(report, { status: 202, headers: { location: "/v1/prune" } });
}

/** @throws ProblemError */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProblemError({
      status: 400,
      code: "invalid-json",
      title: "The body is not JSON",
      detail: `Cannot read the request: ${(error as Error).message}`,
    });
  }
}
