import fc from "fast-check";
import { expect, test } from "vitest";
import { buildOptions } from "../../../schemas/options.ts";
import type { RunTask, Task } from "../../../schemas/runner.ts";
import { type PreparedBuild, prepareBuild, runBuild } from "../../../src/engine/build.ts";
import type { BuildError } from "../../../src/engine/errors.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import {
  type FoundSnapshot,
  HolderUnfitError,
  RunnerFailure,
  type RunnerPool,
  type RunnerSnapshot,
  type TaskOptions,
  type TaskOutcome,
} from "../../../src/engine/run/runners.ts";
import type { World } from "../../../src/engine/world.ts";
import type { Tree } from "../../../src/rootfs/tree.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { contextOf } from "../../helpers/memory-context.ts";
import { MemoryRunner } from "../../helpers/memory-runner.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";
import { tree } from "../../helpers/tree.ts";

const files = { c0: "zero", c1: "one", c2: "two" };

/** A stage of a random Dockerfile. Each number selects one of the choices that are possible where it is used. */
interface RandomStage {
  base: number;
  steps: { kind: "copy" | "from" | "run" | "mount" | "workdir"; pick: number; to: number }[];
}

const stages: fc.Arbitrary<RandomStage[]> = fc.array(
  fc.record({
    base: fc.nat(9),
    steps: fc.array(
      fc.record({
        kind: fc.constantFrom("copy", "from", "run", "run", "mount", "workdir"),
        pick: fc.nat(99),
        to: fc.nat(4),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

/** The text of a Dockerfile that can be built. */
function dockerfileOf(random: readonly RandomStage[]): string {
  const lines: string[] = [];
  /** Files at the end of each stage. */
  const made: Set<string>[] = [];
  for (const [stage, { base, steps }] of random.entries()) {
    // `scratch` is twice as likely as any single stage.
    const from = base % (stage + 2);
    const own = new Set(from < stage ? made[from] : []);
    lines.push(`FROM ${from < stage ? `s${from}` : "scratch"} AS s${stage}`);
    for (const { kind, pick, to } of steps) {
      const other = made.length === 0 ? undefined : pick % made.length;
      const paths = other === undefined ? [] : [...(made[other] as Set<string>)];
      const path = paths[to % Math.max(1, paths.length)];
      if (kind === "run" || (kind === "mount" && other === undefined)) {
        lines.push(`RUN make r${to}`);
        own.add(`r${to}`);
      } else if (kind === "mount") {
        lines.push(`RUN --mount=from=s${other},target=/m make r${to}`);
        own.add(`r${to}`);
      } else if (kind === "workdir") {
        lines.push(`WORKDIR /w${to}`);
      } else if (kind === "from" && path !== undefined) {
        lines.push(`COPY --from=s${other} /${path} /f${to}`);
        own.add(`f${to}`);
      } else {
        lines.push(`COPY c${pick % 3} /d${to}`);
        own.add(`d${to}`);
      }
    }
    made.push(own);
  }
  return `${lines.join("\n")}\n`;
}

/** Writes a file whose contents depend on the command and on all files below. */
function make({ args }: RunTask, base: Tree): Tree {
  const seen = [...base.walk("")].map(({ path, type, digest = "" }) => `${path} ${type} ${digest}`);
  const target = /make (\S+)/.exec(args.join(" "))?.[1] ?? "";
  return tree({ [target]: `${sha256(JSON.stringify([args, seen]))}\n` });
}

/** Executes one task at a time, on one runner. */
class SequentialRunner implements RunnerPool {
  readonly #runner: MemoryRunner;
  #last: Promise<unknown> = Promise.resolve();

  constructor(runner: MemoryRunner) {
    this.#runner = runner;
  }

  find(names: readonly string[]): Promise<Map<string, FoundSnapshot>> {
    return this.#runner.find(names);
  }

  keep(snapshot: RunnerSnapshot, names: readonly string[]): Promise<void> {
    return this.#runner.keep(snapshot, names);
  }

  execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    const execution = this.#last.then(() => this.#runner.execute(task, options));
    this.#last = execution.catch(() => {});
    return execution;
  }
}

/** Several runners with random delays, which lose snapshots and decline tasks. */
class RandomRunners implements RunnerPool {
  readonly #runners: readonly MemoryRunner[];
  readonly #random: () => number;
  /** How many more times runners lose snapshots or decline a task. */
  #faults: number;
  /** Kinds of the tasks that execute. */
  readonly active: Task["kind"][] = [];
  /** Tasks that were started so far. */
  started = 0;

  constructor(runners: readonly MemoryRunner[], random: () => number, faults: number) {
    this.#runners = runners;
    this.#random = random;
    this.#faults = faults;
  }

  async find(names: readonly string[]): Promise<Map<string, FoundSnapshot>> {
    const found = await Promise.all(this.#runners.map((runner) => runner.find(names)));
    return new Map(found.flatMap((each) => [...each]));
  }

  async keep(snapshot: RunnerSnapshot, names: readonly string[]): Promise<void> {
    await this.#runners.find(({ id }) => id === snapshot.runner)?.keep(snapshot, names);
  }

  async execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    options.watcher.signal.throwIfAborted();
    this.started += 1;
    this.active.push(task.kind);
    try {
      return await this.#execute(task, options);
    } finally {
      this.active.splice(this.active.indexOf(task.kind), 1);
    }
  }

  async #execute<K extends Task["kind"]>(
    task: Extract<Task, { kind: K }>,
    options: TaskOptions,
  ): Promise<TaskOutcome<K>> {
    await this.#delay();
    if (this.#isFaulty(0.2)) this.#pick().lose();
    if (options.holder !== undefined && this.#isFaulty(0.1)) throw new HolderUnfitError();
    const holder = this.#runners.find(({ id }) => id === options.holder);
    const outcome = await (holder ?? this.#pick()).execute(task, options);
    if (this.#isFaulty(0.1)) this.#pick().lose();
    await this.#delay();
    return outcome;
  }

  #isFaulty(probability: number): boolean {
    if (this.#faults === 0 || this.#random() > probability) return false;
    this.#faults -= 1;
    return true;
  }

  #pick(): MemoryRunner {
    return this.#runners[Math.floor(this.#random() * this.#runners.length)] as MemoryRunner;
  }

  async #delay(): Promise<void> {
    const turns = Math.floor(this.#random() * 4);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Numbers from 0 up to 1. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function prepare(dockerfile: string, world: World): Promise<PreparedBuild> {
  const context = await contextOf(world.store, files);
  const inputs = await readInputs(
    { context, dockerfile, ignore: undefined },
    buildOptions.parse({ timestamps: "fixed" }),
  );
  return prepareBuild(await planBuild(inputs, world), world);
}

/** Builds a Dockerfile. @returns the digest of the manifest */
async function build(dockerfile: string, world: World): Promise<string> {
  const prepared = await prepare(dockerfile, world);
  const { result } = await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
  return result.descriptor.digest;
}

async function buildSequentially(dockerfile: string): Promise<string> {
  const world = memoryWorld();
  return build(dockerfile, { ...world, runners: new SequentialRunner(new MemoryRunner(world.store, make)) });
}

test("a build has the same image for any place, order and number of executions of its steps", async () => {
  await fc.assert(
    fc.asyncProperty(stages, fc.nat(), fc.nat(3), async (random, seed, faults) => {
      const dockerfile = dockerfileOf(random);
      const world = memoryWorld();
      const runners = [new MemoryRunner(world.store, make), new MemoryRunner(world.store, make)];
      const pool = new RandomRunners(runners, randomOf(seed), faults);
      expect(await build(dockerfile, { ...world, runners: pool })).toBe(await buildSequentially(dockerfile));
    }),
    { numRuns: 60 },
  );
}, 120_000);

test("a build that finds results of an earlier one gives the image that it gives without them", async () => {
  await fc.assert(
    fc.asyncProperty(stages, stages, fc.nat(), fc.nat(2), async (random, other, seed, faults) => {
      // The same stages with other steps at the end, and other stages behind them.
      const changed = [...random.slice(0, -1), ...other];
      const world = memoryWorld();
      const runners = [new MemoryRunner(world.store, make), new MemoryRunner(world.store, make)];
      for (const each of [random, changed, random]) {
        const pool = new RandomRunners(runners, randomOf(seed), faults);
        const dockerfile = dockerfileOf(each);
        expect(await build(dockerfile, { ...world, runners: pool })).toBe(
          await buildSequentially(dockerfile),
        );
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test("equal steps of different stages execute once", async () => {
  await fc.assert(
    fc.asyncProperty(stages, fc.nat(), async (random, seed) => {
      const dockerfile = dockerfileOf(random);
      const world = memoryWorld();
      const runners = [new MemoryRunner(world.store, make), new MemoryRunner(world.store, make)];
      const own = { ...world, runners: new RandomRunners(runners, randomOf(seed), 0) };
      const { platforms } = await prepare(dockerfile, own);
      const keys = new Set<string>();
      for (const { plan, keys: known } of platforms) {
        for (const { index, definition } of plan.steps) {
          if (definition.kind === "run") keys.add((await known.key(index)).key);
        }
      }
      await build(dockerfile, own);
      const executed = runners.reduce((sum, { runs }) => sum + runs.length, 0);
      expect(executed).toBeLessThanOrEqual(keys.size);
    }),
    { numRuns: 60 },
  );
}, 120_000);

test("a step that fails ends the build with its error, and all other steps", async () => {
  await fc.assert(
    fc.asyncProperty(stages, fc.nat(), fc.nat(2), fc.nat(4), async (random, seed, faults, failing) => {
      const dockerfile = dockerfileOf(random);
      const world = memoryWorld();
      const failure = new RunnerFailure({ reason: "exit", exitCode: 3, message: "" });
      const makeOrFail = (task: RunTask, base: Tree): Tree => {
        if (task.args.join(" ").endsWith(`make r${failing}`)) throw failure;
        return make(task, base);
      };
      const runners = [new MemoryRunner(world.store, makeOrFail), new MemoryRunner(world.store, makeOrFail)];
      const pool = new RandomRunners(runners, randomOf(seed), faults);
      const own = { ...world, runners: pool };
      const { platforms } = await prepare(dockerfile, own);
      const lines = platforms.flatMap(({ plan }) =>
        plan.steps.flatMap(({ definition, description }) =>
          definition.kind === "run" && definition.args.at(-1) === `make r${failing}`
            ? [description.lines]
            : [],
        ),
      );
      if (lines.length === 0) return;
      const error = await build(dockerfile, own).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: "run-failed", message: expect.stringContaining("exit code: 3") });
      expect(lines).toContainEqual((error as BuildError).lines);
      // No step waits for layers and keys: these tasks are cancelled, and may still end.
      expect(pool.active).not.toContain("run");
      expect(pool.active).not.toContain("copy");
      const { started } = pool;
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
      expect(pool.started).toBe(started);
    }),
    { numRuns: 60 },
  );
}, 120_000);
