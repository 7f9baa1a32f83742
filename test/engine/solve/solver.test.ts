import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LostResultError, Solver } from "../../../src/engine/solve/solver.ts";

/** For each vertex the vertices that it reads, all of them earlier ones. */
type Graph = readonly (readonly number[])[];

interface Result {
  /** The value of a vertex, which is the same for every execution. */
  value: string;
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 8 }).chain((size) => {
  const inputsOf = (vertex: number) => fc.subarray([...Array(vertex).keys()]);
  return fc.tuple(...[...Array(size).keys()].map(inputsOf));
});

/** Values of all vertices, computed one after the other. */
function sequentialValues(graph: Graph): string[] {
  const values: string[] = [];
  for (const [vertex, inputs] of graph.entries()) {
    values.push(`${vertex}(${inputs.map((input) => values[input]).join(",")})`);
  }
  return values;
}

/** Vertices that some vertices depend on, themselves included. */
function reachable(graph: Graph, roots: readonly number[]): Set<number> {
  const found = new Set<number>();
  const visit = (vertex: number): void => {
    if (found.has(vertex)) return;
    found.add(vertex);
    graph[vertex]?.forEach(visit);
  };
  roots.forEach(visit);
  return found;
}

/** The results of an experiment with a solver, which executes as the scheduler decides. */
class Experiment {
  readonly #graph: Graph;
  readonly #scheduler: fc.Scheduler;
  readonly solver: Solver<Result>;
  readonly executions = new Map<number, number>();
  /** How often a result was reported lost, by vertex. */
  readonly losses = new Map<number, number>();
  /** How often an execution noticed a loss, by vertex. */
  readonly noticed = new Map<number, number>();
  /** Errors of vertices, in the order in which they were thrown. */
  readonly thrown: unknown[] = [];
  /** Vertices whose execution started after a failure. */
  readonly late: number[] = [];

  constructor(
    graph: Graph,
    scheduler: fc.Scheduler,
    {
      fails = () => false,
      loses = () => [],
      signal = new AbortController().signal,
    }: {
      fails?: (vertex: number) => boolean;
      /** Inputs that are lost when a vertex executes for the n-th time. */
      loses?: (vertex: number, execution: number) => readonly number[];
      signal?: AbortSignal;
    } = {},
  ) {
    this.#graph = graph;
    this.#scheduler = scheduler;
    this.solver = new Solver((vertex) => this.#execute(vertex, fails, loses), signal);
  }

  /** Requests several vertices concurrently and waits until all have finished. */
  async run(roots: readonly number[]): Promise<PromiseSettledResult<Result>[]> {
    const results = Promise.allSettled(roots.map((root) => this.solver.result(root)));
    await this.#scheduler.waitFor(results);
    await this.#scheduler.waitFor(this.solver.idle());
    return results;
  }

  async #execute(
    vertex: number,
    fails: (vertex: number) => boolean,
    loses: (vertex: number, execution: number) => readonly number[],
  ): Promise<Result> {
    if (this.solver.signal.aborted) this.late.push(vertex);
    const execution = increment(this.executions, vertex);
    const inputs = this.#graph[vertex] ?? [];
    const results = await Promise.all(inputs.map((input) => this.solver.result(input)));
    await this.#scheduler.schedule(Promise.resolve(), `execute ${vertex}`);
    const lost = loses(vertex, execution).filter((input) => inputs.includes(input));
    if (lost.length > 0) {
      increment(this.noticed, vertex);
      for (const input of lost) increment(this.losses, input);
      throw new LostResultError(
        new Map(lost.map((input) => [input, results[inputs.indexOf(input)] as Result])),
      );
    }
    if (fails(vertex)) {
      const error = new Error(`vertex ${vertex}`);
      this.thrown.push(error);
      throw error;
    }
    return { value: `${vertex}(${results.map(({ value }) => value).join(",")})` };
  }
}

function increment(counts: Map<number, number>, key: number): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

describe("a solver", () => {
  test("computes the same as sequential execution, each vertex once", async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        fc.scheduler(),
        fc.infiniteStream(fc.nat()),
        async (graph, scheduler, picks) => {
          const roots = [graph.length - 1, ...[...picks.take(2)].map((pick) => pick % graph.length)];
          const experiment = new Experiment(graph, scheduler);
          const results = await experiment.run(roots);
          const values = sequentialValues(graph);
          expect(results).toEqual(
            roots.map((root) => ({ status: "fulfilled", value: { value: values[root] } })),
          );
          expect(new Set(experiment.executions.keys())).toEqual(reachable(graph, roots));
          expect([...experiment.executions.values()].every((count) => count === 1)).toBe(true);
          expect(experiment.solver.signal.aborted).toBe(false);
        },
      ),
    );
  });

  test("computes lost results again, and nothing more", async () => {
    const losses = fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.integer({ min: 1, max: 3 })), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(graphs, fc.scheduler(), losses, async (graph, scheduler, planned) => {
        const experiment = new Experiment(graph, scheduler, {
          loses: (vertex, execution) =>
            planned.flatMap(([reader, input, at]) => (reader === vertex && at === execution ? input : [])),
        });
        const root = graph.length - 1;
        const [result] = await experiment.run([root]);
        expect(result).toEqual({ status: "fulfilled", value: { value: sequentialValues(graph)[root] } });
        for (const [vertex, count] of experiment.executions) {
          const again = (experiment.losses.get(vertex) ?? 0) + (experiment.noticed.get(vertex) ?? 0);
          expect(count).toBeLessThanOrEqual(1 + again);
        }
      }),
    );
  });

  test("reports the first failure to every caller, after it has cancelled all others", async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        fc.scheduler(),
        fc.array(fc.nat(7), { minLength: 1 }),
        async (graph, scheduler, failing) => {
          const roots = [...graph.keys()];
          const experiment = new Experiment(graph, scheduler, {
            fails: (vertex) => failing.includes(vertex),
          });
          const { solver } = experiment;
          const aborted: boolean[] = [];
          for (const root of roots) {
            solver.result(root).then(
              () => {},
              () => aborted.push(solver.signal.aborted),
            );
          }
          const results = await experiment.run(roots);
          const [first] = experiment.thrown;
          const failed = reachableFrom(graph, failing);
          for (const [vertex, result] of results.entries()) {
            if (result.status === "rejected") expect(result.reason).toBe(first);
            else expect(failed).not.toContain(vertex);
          }
          if (first === undefined) return;
          expect(aborted.every(Boolean)).toBe(true);
          expect(solver.signal.reason).toBe(first);
          expect(experiment.late).toEqual([]);
          await expect(solver.result(graph.length)).rejects.toBe(first);
        },
      ),
    );
  });

  test("stops when it is cancelled", async () => {
    await fc.assert(
      fc.asyncProperty(graphs, fc.scheduler(), fc.nat(10), async (graph, scheduler, steps) => {
        const controller = new AbortController();
        const reason = new Error("cancelled");
        const experiment = new Experiment(graph, scheduler, { signal: controller.signal });
        const root = graph.length - 1;
        const running = experiment.run([root]);
        for (let step = 0; step < steps && scheduler.count() > 0; step++) await scheduler.waitOne();
        controller.abort(reason);
        const [result] = await running;
        expect(experiment.late).toEqual([]);
        expect(experiment.solver.signal.reason).toBe(reason);
        if (result?.status === "rejected") expect(result.reason).toBe(reason);
        await expect(experiment.solver.result(graph.length)).rejects.toBe(reason);
      }),
    );
  });

  test("fails when a result is lost again and again", async () => {
    let executions = 0;
    const solver: Solver<Result> = new Solver(async (vertex) => {
      executions += 1;
      if (vertex === 0) return { value: "lost" };
      throw new LostResultError(new Map([[0, await solver.result(0)]]));
    }, new AbortController().signal);
    await expect(solver.result(1)).rejects.toThrow("Results of earlier steps are no longer available");
    expect(executions).toBe(10);
  });

  test("does nothing when it is cancelled before it starts", async () => {
    const solver = new Solver(async () => "executed", AbortSignal.abort("before"));
    await expect(solver.result(0)).rejects.toBe("before");
  });
});

/** Vertices that depend on some vertices, themselves included. */
function reachableFrom(graph: Graph, vertices: readonly number[]): Set<number> {
  const found = new Set<number>();
  for (const [vertex, inputs] of graph.entries()) {
    if (vertices.includes(vertex) || inputs.some((input) => found.has(input))) found.add(vertex);
  }
  return found;
}
