import type { LessonBuild, LessonRun, LessonState } from "./lesson.ts";
import type { Condition } from "./schema.ts";

/** Whether all fields of a condition are true. */
export function isConditionMet(condition: Condition, state: LessonState): boolean {
  const names = Object.keys(condition) as (keyof Condition)[];
  return names.every((name) => {
    const test = tests[name] as (value: unknown, state: LessonState) => boolean;
    return test(condition[name], state);
  });
}

type Tests = { readonly [N in keyof Required<Condition>]: Test<NonNullable<Condition[N]>> };
type Test<V> = (value: V, state: LessonState) => boolean;

const tests: Tests = {
  built: onLastBuild(() => true),
  has: onLastBuild((paths, { files }) => paths.every((path) => files.some((entry) => entry.path === path))),
  lacks: onLastBuild((paths, { files }) => !paths.some((path) => files.some((entry) => entry.path === path))),
  layers: onLastBuild((count, { image }) => image.layers.length === count),
  keeps: onLastTwoBuilds((positions, before, last) => positions.every((at) => isKept(before, last, at))),
  replaces: onLastTwoBuilds((positions, before, last) => positions.every((at) => !isKept(before, last, at))),
  overwrites: onLastBuild((paths, { files }) =>
    paths.every((path) => (files.find((entry) => entry.path === path)?.layer ?? 0) > 0),
  ),
  hides: onLastBuild((bytes, { efficiency }) =>
    efficiency.layers.slice(1).some(({ contribution }) => contribution < -bytes),
  ),
  below: onLastBuild((bytes, { efficiency }) => efficiency.totalBytes < bytes),
  config: onLastBuild((fields, { image }) =>
    Object.entries(fields).every(([name, pattern]) =>
      matches(pattern, configText(image.config[name as keyof typeof image.config])),
    ),
  ),
  dockerfile: onLastBuild((pattern, { dockerfile }) => matches(pattern, dockerfile)),
  hits: onLastBuild((patterns, { steps }) => areHits(patterns, stepsOf(steps), true)),
  misses: onLastBuild((patterns, { steps }) => areHits(patterns, stepsOf(steps), false)),
  planHits: (patterns, { plan }) => areHits(patterns, plannedSteps(plan), true),
  planMisses: (patterns, { plan }) => areHits(patterns, plannedSteps(plan), false),
  stages: (count, { plan }) => (plan?.stages.length ?? 0) >= count,
  copies: (_, { plan }) => plan?.edges.some(({ kind }) => kind === "copy") === true,
  unneeded: (_, { plan }) => plan?.stages.some(({ needed }) => !needed) === true,
  target: (_, { options }) => options.target !== "",
  buildArg: (name, { options }) => options.buildArgs[name] !== undefined,
  tag: onLastTwoBuilds((relation, before, last) => (before.tag === last.tag) === (relation === "same")),
  digest: onLastTwoBuilds(
    (relation, before, last) =>
      (before.result.descriptor.digest === last.result.descriptor.digest) === (relation === "same"),
  ),
  architecture: onLastTwoBuilds((_, before, last) => before.image.architecture !== last.image.architecture),
  manifests: onLastBuild((count, { image }) => image.manifests.length >= count),
  changed: (paths, { isChanged }) => paths.every(isChanged),
  sent: (paths, { isSent }) => paths.every(isSent),
  ignored: (paths, { isSent }) => !paths.some(isSent),
  ran: (wanted, { runs }) => runs.some((run) => matchesRun(wanted, run)),
  shell: ({ command, output, code }, { commands }) =>
    commands.some(
      (done) =>
        matches(command, done.line) &&
        (output === undefined || matches(output, done.output)) &&
        (code === undefined || done.code === code),
    ),
};

function matchesRun(
  { command, output, lacks, code, mounts = [], running }: NonNullable<Condition["ran"]>,
  run: LessonRun,
): boolean {
  if (run.isEarlier && running === undefined) return false;
  return (
    (command === undefined || matches(command, run.command)) &&
    (output === undefined || matches(output, run.output)) &&
    (lacks === undefined || (!run.isRunning && run.code !== undefined && !matches(lacks, run.output))) &&
    (code === undefined || run.code === code) &&
    mounts.every((type) => run.mounts.includes(type)) &&
    (running === undefined || (running ? run.isRunning : run.code !== undefined))
  );
}

/** Tests the last build; false when there is none. */
function onLastBuild<V>(test: (value: V, last: LessonBuild) => boolean): Test<V> {
  return (value, { builds }) => {
    const last = builds.at(-1);
    return last !== undefined && test(value, last);
  };
}

/** Tests the last two builds; false when there are fewer. */
function onLastTwoBuilds<V>(test: (value: V, before: LessonBuild, last: LessonBuild) => boolean): Test<V> {
  return (value, { builds }) => {
    const [before, last] = builds.slice(-2);
    return before !== undefined && last !== undefined && test(value, before, last);
  };
}

function isKept(before: LessonBuild, last: LessonBuild, at: number): boolean {
  const [then, now] = [before, last].map(({ image }) => image.layers[at]?.digest);
  return then !== undefined && then === now;
}

interface StepOutcome {
  readonly instruction: string;
  readonly isHit: boolean;
}

function stepsOf(steps: LessonBuild["steps"]): StepOutcome[] {
  return steps.map(({ instruction, status }) => ({ instruction, isHit: status === "hit" }));
}

function plannedSteps(plan: LessonState["plan"]): StepOutcome[] {
  return (plan?.steps ?? []).map(({ instruction, state }) => ({ instruction, isHit: state === "hit" }));
}

/** Whether each pattern matches at least one step, and all of its matches are hits, or misses. */
function areHits(patterns: readonly string[], steps: readonly StepOutcome[], isHit: boolean): boolean {
  return patterns.every((pattern) => {
    const found = steps.filter(({ instruction }) => matches(pattern, instruction));
    return found.length > 0 && found.every((step) => step.isHit === isHit);
  });
}

function configText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "object" ? Object.keys(value).join(" ") : String(value);
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(pattern, "m").test(text);
}
