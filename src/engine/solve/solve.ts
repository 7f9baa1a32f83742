import type { Trail } from "../explain/trail.ts";
import { BackgroundWork } from "./background.ts";
import { type ExecutedLayer, PlatformSolve, type SolveInputs } from "./platform-solve.ts";
import type { PreparedPlatform } from "./prepared.ts";
import { LostResultError, Solver } from "./solver.ts";
import type { FileSystemState, StateLayer } from "./states.ts";

interface SolveOptions extends SolveInputs {
  platforms: readonly PreparedPlatform[];
  /** Steps of the last build of the same image, by platform. */
  trails: readonly (Trail | undefined)[];
}

/** The result of one platform. */
export interface SolvedPlatform {
  prepared: PreparedPlatform;
  /** All its layers are stored. */
  state: FileSystemState;
  trail: Trail;
}

export interface SolveResult {
  platforms: SolvedPlatform[];
  /** Layers that only runners hold, with the duration of their steps in milliseconds. */
  held: ReadonlyMap<StateLayer, number>;
  /** Work that continues after the result; callers need not wait for it. */
  background: BackgroundWork;
  /** Resolves when all layers are written, also those that no image contains. */
  written: Promise<unknown>;
  /** Whether a step was executed. */
  isNew: boolean;
}

/**
 * Executes all needed steps without known results, on all platforms, as concurrently as their inputs allow. The first
 * failure cancels the rest.
 * @throws {BuildError}
 */
export async function solve(options: SolveOptions): Promise<SolveResult> {
  const { platforms, trails, signal } = options;
  const background = new BackgroundWork();
  const vertices = new Vertices(platforms);
  /** Vertices by the layers of their states, to compute them again when one of these layers is lost. */
  const users = new Map<StateLayer, Map<number, FileSystemState>>();
  const solver = new Solver<FileSystemState>(async (vertex) => {
    const { platform, step } = vertices.find(vertex);
    const work = solves[platform] as PlatformSolve;
    if (step === undefined) return work.result();
    const state = await work.step(step);
    for (const layer of state.layers) {
      const vertices = users.get(layer) ?? new Map<number, FileSystemState>();
      users.set(layer, vertices.set(vertex, state));
    }
    return state;
  }, signal);
  const shared = {
    ...options,
    signal: solver.signal,
    made: new Map<string, Promise<ExecutedLayer>>(),
    newRuns: new WeakSet<StateLayer>(),
    background,
    writing: new Map<Promise<void>, () => Promise<void>>(),
    fail: (error: unknown) => solver.fail(error),
    lost: (layers: readonly StateLayer[], cause?: unknown) =>
      new LostResultError(new Map(layers.flatMap((layer) => [...(users.get(layer) ?? [])])), { cause }),
  };
  const solves: PlatformSolve[] = platforms.map(
    (prepared, platform) =>
      new PlatformSolve(prepared, trails[platform], shared, (step) =>
        solver.result(vertices.step(platform, step)),
      ),
  );
  try {
    const states = await Promise.all(solves.map((_, platform) => solver.result(vertices.result(platform))));
    const solved: SolvedPlatform[] = [];
    for (const [platform, work] of solves.entries()) {
      work.endUnneeded();
      solved.push({
        prepared: work.prepared,
        state: states[platform] as FileSystemState,
        trail: await work.trail(),
      });
    }
    await Promise.all([...shared.writing.values()].map((report) => report()));
    const written = Promise.all(shared.writing.keys());
    const held = new Map(solves.flatMap((work) => [...work.held]));
    return { platforms: solved, held, background, written, isNew: shared.made.size > 0 };
  } finally {
    if (solver.signal.aborted) await solver.idle();
  }
}

/** Numbers the steps of all platforms, with the result of each platform after its steps. */
class Vertices {
  readonly #starts: number[] = [];
  readonly #counts: number[] = [];

  constructor(platforms: readonly PreparedPlatform[]) {
    let start = 0;
    for (const { plan } of platforms) {
      this.#starts.push(start);
      this.#counts.push(plan.steps.length);
      start += plan.steps.length + 1;
    }
  }

  step(platform: number, index: number): number {
    return (this.#starts[platform] as number) + index;
  }

  result(platform: number): number {
    return this.step(platform, this.#counts[platform] as number);
  }

  /** The platform of a vertex, and its step; no step for a result. */
  find(vertex: number): { platform: number; step: number | undefined } {
    const platform = this.#starts.findLastIndex((start) => start <= vertex);
    const index = vertex - (this.#starts[platform] as number);
    return { platform, step: index === this.#counts[platform] ? undefined : index };
  }
}
