import { randomFrom } from "../limits.ts";
import type { Kind, Measurements } from "./measure.ts";
import { type BillableUse, prices, sumOf } from "./prices.ts";

const OBJECT_LIMITS = "https://developers.cloudflare.com/durable-objects/platform/limits/";

/** Documented limits that do not grow with an account. */
const limits = {
  /** Calls of one Durable Object per second. */
  objectCalls: { value: 1000, source: OBJECT_LIMITS },
  /** Writes of one key of R2, and of one key of KV, per second. */
  keyWrites: { value: 1, source: "https://developers.cloudflare.com/r2/platform/limits/" },
  /** WebSockets of one Durable Object. */
  sockets: {
    value: 32_768,
    source: "https://developers.cloudflare.com/durable-objects/best-practices/websockets/",
  },
} as const;

/** How a server is used: choices, not measurements. */
export const assumptions = {
  /** Parts of the builds. */
  mix: { cold: 0.05, rebuild: 0.3, unchanged: 0.3, run: 0.05, runRebuild: 0.3 } satisfies Partial<
    Record<Kind, number>
  >,
  /** Pulls of each build. */
  pulls: 3,
  /** Images for each build of an hour; the tag of an image is used by all its builds. */
  imagesPerBuild: 0.2,
  /** Each image is built this much more rarely than the one before: the exponent of Zipf's law. */
  skew: 1,
  /** Seconds for which a RUN step occupies a runner. */
  runSeconds: 60,
  /** Steps that a runner executes at a time. */
  runnerCapacity: 4,
  /** Milliseconds of one operation of R2. */
  r2Milliseconds: 30,
  /** Reads of R2 that the collector starts at the same time (`src/store/at-once.ts`). */
  readsAtOnce: 6,
  /** Old back-references that one prune compares with their markers, at most (`src/garbage/references.ts`). */
  compared: 20_000,
} as const;

type BuildKind = keyof typeof assumptions.mix;

/** Objects that exist once, by class. */
export const singleObjects = ["Access", "Runners", "Metrics", "Collector"] as const;
type SingleObject = (typeof singleObjects)[number];

/** Load of an hour of builds on the parts that do not scale. */
export interface Hour {
  builds: number;
  pulls: number;
  images: number;
  /** Calls per second of the objects that exist once, and the longest time that a call waited, in ms. */
  objects: Record<SingleObject, { perSecond: number; longestWait: number }>;
  /** Writes of a tag or of a key of the build cache less than a second after the last one; they are repeated. */
  refusedWrites: number;
  /** The most writes of one tag in a minute. */
  busiestTag: number;
  /** Operations of R2 per second. */
  r2: number;
  /** Runners that RUN needs on average. */
  runners: number;
}

/** Chooses the kind of a build at random. */
function kindFor(value: number): BuildKind {
  let rest = value;
  for (const [kind, part] of Object.entries(assumptions.mix)) {
    rest -= part;
    if (rest < 0) return kind as BuildKind;
  }
  return "unchanged";
}

/** Cumulative weights of images by Zipf's law. */
function weightsOf(images: number): Float64Array {
  const weights = new Float64Array(images);
  let sum = 0;
  for (let at = 0; at < images; at++) {
    sum += 1 / (at + 1) ** assumptions.skew;
    weights[at] = sum;
  }
  return weights;
}

function indexIn(weights: Float64Array, value: number): number {
  const wanted = value * (weights.at(-1) ?? 0);
  let [low, high] = [0, weights.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((weights[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The longest wait of calls at these times, in ms, when one object serves them in turn. */
function longestWait(times: Float64Array): number {
  times.sort();
  const service = 1000 / limits.objectCalls.value;
  let [free, longest] = [0, 0];
  for (const time of times) {
    longest = Math.max(longest, free - time);
    free = Math.max(free, time) + service;
  }
  return longest;
}

/**
 * Simulates an hour: builds and pulls arrive at random times, each needs what was measured, and what exists once serves
 * one after the other.
 */
export function simulateHour(measured: Measurements, buildsPerHour: number, seed = 1): Hour {
  const random = randomFrom(seed);
  const hour = 3_600_000;
  const images = Math.max(1, Math.round(buildsPerHour * assumptions.imagesPerBuild));
  const weights = weightsOf(images);
  const calls: Record<SingleObject, number[]> = { Access: [], Runners: [], Metrics: [], Collector: [] };
  const writes = new Map<number, number[]>();
  let [builds, pulls, r2, runSteps] = [0, 0, 0, 0];

  /** Spreads the calls of a use evenly over the time that it took. */
  const use = (kind: Kind, at: number) => {
    const { calls: needed, r2: operations, seconds } = measured[kind];
    r2 += operations;
    for (const name of singleObjects) {
      for (let call = 0; call < (needed[name] ?? 0); call++) calls[name].push(at + random() * seconds * 1000);
    }
  };

  const mean = hour / buildsPerHour;
  const pause = () => -Math.log(1 - random()) * mean;
  let at = pause();
  while (at < hour) {
    const kind = kindFor(random());
    builds += 1;
    if (kind === "run" || kind === "runRebuild") runSteps += 1;
    use(kind, at);
    const image = indexIn(weights, random());
    const ended = at + measured[kind].seconds * 1000;
    writes.set(image, [...(writes.get(image) ?? []), ended]);
    for (let pull = 0; pull < assumptions.pulls; pull++) {
      pulls += 1;
      use("pull", ended + random() * hour);
    }
    at += pause();
  }

  let [refusedWrites, busiestTag] = [0, 0];
  for (const times of writes.values()) {
    times.sort((a, b) => a - b);
    let written = Number.NEGATIVE_INFINITY;
    for (const [index, time] of times.entries()) {
      if (time - written < 1000 / limits.keyWrites.value) refusedWrites += 1;
      else written = time;
      let inMinute = 0;
      for (let other = index; other < times.length && (times[other] ?? 0) < time + 60_000; other++)
        inMinute += 1;
      busiestTag = Math.max(busiestTag, inMinute);
    }
  }
  const objects = Object.fromEntries(
    singleObjects.map((name) => [
      name,
      { perSecond: calls[name].length / 3600, longestWait: longestWait(Float64Array.from(calls[name])) },
    ]),
  ) as Hour["objects"];
  const runners = (runSteps * assumptions.runSeconds) / 3600 / assumptions.runnerCapacity;
  return { builds, pulls, images, objects, refusedWrites, busiestTag, r2: r2 / 3600, runners };
}

/** Calls of each object that exists once for an average build and its pulls. */
function callsPerBuild(measured: Measurements, name: SingleObject): number {
  const ofBuilds = Object.entries(assumptions.mix).reduce(
    (sum, [kind, part]) => sum + part * (measured[kind as BuildKind].calls[name] ?? 0),
    0,
  );
  return ofBuilds + assumptions.pulls * (measured.pull.calls[name] ?? 0);
}

/** What a prune needs. */
interface PruneLoad {
  /** Objects that were stored since the prune before. */
  fresh: number;
  /** All objects. */
  stored: number;
}

/**
 * What a daily prune needs: reads for each object that is new, and a second time for those of the last hour before the
 * prune before; for each older object a part of a list.
 */
export function pruneUse(measured: Measurements, { fresh, stored }: PruneLoad): BillableUse {
  const { prune, pruneNew, pruneMore, objects } = measured;
  const added = objects.pruneMore - objects.prune;
  const [small, large] = measured.largePrunes as [LargeRun, LargeRun];
  const lists = (large.operations - small.operations) / (large.objects - small.objects);
  return sumOf([
    [prune.use, 1],
    [differenceOf(pruneNew.use, prune.use), fresh / added],
    [differenceOf(pruneMore.use, prune.use), fresh / 24 / added],
    [{ ...NOTHING, classA: lists }, stored],
    [{ ...NOTHING, classB: 1 }, Math.min(stored, assumptions.compared)],
  ]);
}

type LargeRun = Measurements["largePrunes"][number];

const NOTHING = Object.fromEntries(Object.keys(prices).map((key) => [key, 0])) as BillableUse;

function differenceOf(more: BillableUse, less: BillableUse): BillableUse {
  return sumOf([
    [more, 1],
    [less, -1],
  ]);
}

/** Milliseconds of a prune: lists and writes one after the other, reads at the same time. */
function pruneMilliseconds({ classA, classB }: BillableUse): number {
  return assumptions.r2Milliseconds * (classA + classB / assumptions.readsAtOnce);
}

/** A limit, and the builds per hour that reach it. */
interface Bottleneck {
  name: string;
  buildsPerHour: number;
  remedy: string;
}

/** Limits of one server, the lowest first. */
export function bottlenecks(measured: Measurements): Bottleneck[] {
  const perHour = (name: SingleObject) => (limits.objectCalls.value * 3600) / callsPerBuild(measured, name);
  const runPart = assumptions.mix.run + assumptions.mix.runRebuild;
  // The collector keeps what builds of a week have stored; a prune a day may take a day.
  const objectsPerBuild = Object.entries(assumptions.mix).reduce(
    (sum, [kind, part]) => sum + part * measured[kind as BuildKind].use.classA,
    0,
  );
  const pruneTime = (builds: number) => {
    const daily = 24 * builds * objectsPerBuild;
    return pruneMilliseconds(pruneUse(measured, { fresh: daily, stored: 7 * daily }));
  };
  // The time grows in proportion above `compared` objects.
  const [some, more] = [10_000, 20_000];
  const perBuild = (pruneTime(more) - pruneTime(some)) / (more - some);
  const pruned = some + (86_400_000 - pruneTime(some)) / perBuild;
  const list = [
    {
      name: "builds of one tag: R2 writes a key once per second",
      buildsPerHour: 3600 * limits.keyWrites.value,
      remedy: "use a tag per commit, as CI does; `latest` is set by the last build of a second",
    },
    {
      name: "`Collector` reads the objects of a day of builds within a day",
      buildsPerHour: pruned,
      remedy: "prune with a shorter `unused`, or several servers with a bucket each",
    },
    {
      name: "`Runners` assigns the RUN steps of a pool",
      buildsPerHour: perHour("Runners"),
      remedy: "more pools of runners, or `varve build --runner local` in CI",
    },
    {
      name: "WebSockets of runners at one object",
      buildsPerHour:
        (limits.sockets.value * assumptions.runnerCapacity * 3600) / (assumptions.runSeconds * runPart),
      remedy: "more pools of runners, or runners with more `--capacity`",
    },
    {
      name: "`Access` identifies callers without a copy, and renews copies",
      buildsPerHour: perHour("Access"),
      remedy: "tokens of `varve token create` or of the registry, which are checked without it",
    },
    {
      name: "`Metrics` receives the counts of each isolate every 5 s",
      buildsPerHour: perHour("Metrics"),
      remedy: "Analytics Engine instead of `/metrics`",
    },
  ];
  return list.sort((a, b) => a.buildsPerHour - b.buildsPerHour);
}
