import type { BuildRecord, Insights, RunStep } from "../../../schemas/build.ts";
import { sum } from "../../streams/sum.ts";

/** Maximum number of reported steps. */
const MAX_STEPS = 10;

/** A run that has ended. */
interface EndedRun {
  record: BuildRecord;
  steps: readonly RunStep[];
}

/** Statistics of the runs of an image. @param runs newest first */
export function insightsOf(image: string, runs: readonly EndedRun[]): Insights {
  const done = runs.filter(({ record }) => record.state === "done");
  const durations = done.map(({ record }) => durationOf(record));
  const hits = sum(runs.map(({ record }) => record.steps?.hits ?? 0));
  const all = hits + sum(runs.map(({ record }) => record.steps?.misses ?? 0));
  const [last] = durations;
  return {
    image,
    runs: runs.length,
    failed: runs.length - done.length,
    ...(last !== undefined && {
      duration: { last, median: median(durations), longest: Math.max(...durations) },
    }),
    ...(all > 0 && { hitRate: hits / all }),
    steps: expensiveSteps(runs),
    sizes: done.flatMap(({ record: { id, started, size } }) =>
      size === undefined ? [] : [{ id, started, bytes: size }],
    ),
  };
}

function expensiveSteps(runs: readonly EndedRun[]): Insights["steps"] {
  const byName = new Map<string, { executions: number[]; reused: number }>();
  for (const { name, isHit, milliseconds } of runs.flatMap(({ steps }) => steps)) {
    const step = byName.get(name) ?? { executions: [], reused: 0 };
    if (isHit) step.reused++;
    else step.executions.push(milliseconds);
    byName.set(name, step);
  }
  return [...byName]
    .filter(([, { executions }]) => executions.length > 0)
    .map(([name, { executions, reused }]) => ({
      name,
      executed: executions.length,
      reused,
      total: sum(executions),
      median: median(executions),
    }))
    .sort((a, b) => b.total - a.total)
    .slice(0, MAX_STEPS);
}

function durationOf({ started, ended = started }: BuildRecord): number {
  return Date.parse(ended) - Date.parse(started);
}

/** The median; for an even number of values, the mean of the two in the middle. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
