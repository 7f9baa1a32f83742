import type { StepInfo } from "../../../schemas/events.ts";
import { type BuildContexts, contextOf } from "../contexts.ts";
import type { Emit } from "../emit.ts";
import { lastVersionOf, type Trail, type TrailStep } from "../explain/trail.ts";
import { ignoresParent, isRemoteSource, type KeyedStep, withStep, withStepLines } from "../keys/step-keys.ts";
import { type FileState, inputsOf, type Step } from "../plan/step.ts";
import { RunnerSteps } from "../run/runner-steps.ts";
import type { World } from "../world.ts";
import type { BackgroundWork } from "./background.ts";
import { BaseImages } from "./base-images.ts";
import { type KnownResult, KnownSteps } from "./known-steps.ts";
import { LayerWriter } from "./layer-writer.ts";
import { inputsOfRuns } from "./needed-steps.ts";
import type { PreparedPlatform } from "./prepared.ts";
import type { Remotes } from "./sources.ts";
import { type FileSystemState, StateLayer, States } from "./states.ts";
import type { StepCache } from "./step-cache.ts";
import { StepExecutor } from "./step-executor.ts";

/** A layer that a step of this build has made. */
export interface ExecutedLayer {
  layer: StateLayer;
  /** Identity of the files below it; empty when the step does not depend on them. */
  below: string;
}

/** The inputs and outputs of a build, which all its platforms share. */
export interface SolveInputs {
  world: World;
  cache: StepCache;
  contexts: BuildContexts;
  remotes: Remotes;
  /** The image being built, which owns the cache mounts. */
  scope: string;
  /** Names of stages whose steps execute regardless of the build cache. */
  uncached: ReadonlySet<string>;
  /** File name of the Dockerfile, for warnings. */
  dockerfile: string;
  emit: Emit;
  signal: AbortSignal;
}

/** State that the platforms of a build share. */
interface SharedSolve extends SolveInputs {
  /** Layers that steps of this build have made or are making, by key. */
  made: Map<string, Promise<ExecutedLayer>>;
  /** See `StepExecutorOptions`. */
  newRuns: WeakSet<StateLayer>;
  background: BackgroundWork;
  /** See `StepExecutorOptions`. */
  writing: Map<Promise<void>, () => Promise<void>>;
  /** Fails the build. */
  fail: (error: unknown) => void;
  /** Creates the error for layers that their runner lost before they were stored. */
  lost: (layers: readonly StateLayer[], cause?: unknown) => Error;
}

/** Solves the steps of one platform. */
export class PlatformSolve {
  readonly prepared: PreparedPlatform;
  readonly #shared: SharedSolve;
  readonly #trail: Trail | undefined;
  readonly #after: (index: number) => Promise<FileSystemState>;
  readonly #images: BaseImages;
  readonly #states: States;
  readonly #writer: LayerWriter;
  readonly #known: KnownSteps;
  readonly #executor: StepExecutor;
  /** Layers of needed steps, by index. */
  readonly #layers = new Map<number, StateLayer>();
  /** When fetching the sources of a step started, in milliseconds since 1970. */
  readonly #fetching = new Map<number, number>();
  readonly #imageStates = new Map<number, FileSystemState>();
  readonly #contexts = new Map<string | undefined, Promise<FileSystemState>>();
  #inputsOfRuns: Promise<ReadonlyMap<number, string>> | undefined;

  /** @param after the state after a step of this platform, computed on demand */
  constructor(
    prepared: PreparedPlatform,
    trail: Trail | undefined,
    shared: SharedSolve,
    after: (index: number) => Promise<FileSystemState>,
  ) {
    const { world, emit, signal } = shared;
    const { plan, images, prefix } = prepared;
    this.prepared = prepared;
    this.#shared = shared;
    this.#trail = trail;
    this.#after = after;
    const own = { planned: plan.images, resolved: images, images: world.images, prefix };
    this.#images = new BaseImages({ ...own, emit, signal });
    this.#states = new States(world.store, shared.scope);
    this.#writer = new LayerWriter(world, shared.cache, prepared, signal);
    this.#known = new KnownSteps(prepared, shared.cache, world.runners, shared.uncached, emit);
    this.#executor = new StepExecutor({
      ...shared,
      prepared,
      trail,
      writer: this.#writer,
      runner: runnerSteps(prepared, shared),
      fresh: this.#known.fresh,
      affected: this.#known.affected,
      platformOfRun: (index) => this.#platformOfRun(index),
      exported: chainOf(prepared),
    });
  }

  /** The state of the result, with all its layers stored. @throws {BuildError | LostResultError} */
  async result(): Promise<FileSystemState> {
    const state = await this.#state(this.prepared.plan.result.files);
    await Promise.all(state.layers.map((layer) => layer.ensureStored()));
    return state;
  }

  /** The state after a step, which executes unless its result is known. @throws {BuildError | LostResultError} */
  step(index: number): Promise<FileSystemState> {
    const step = this.prepared.plan.steps[index] as Step;
    const info = this.prepared.keys.infos[index] as StepInfo;
    return withStepLines(step, () => this.#solve(step, info));
  }

  /** Layers that only a runner holds, with the duration of their steps in milliseconds. */
  get held(): ReadonlyMap<StateLayer, number> {
    return this.#executor.held;
  }

  /** The steps for comparison with the next build. A step that was not needed keeps its previous entry. */
  async trail(): Promise<Trail> {
    const steps: TrailStep[] = [];
    const { plan, keys } = this.prepared;
    for (const step of plan.steps) {
      const ancestor = lastVersionOf(this.#trail, plan, step);
      if (!keys.isLocal(step.index) && !this.#layers.has(step.index)) {
        if (ancestor !== undefined) steps.push(ancestor);
        continue;
      }
      const { info, parts } = await keys.key(step.index);
      const { createdBy, variables } = step.description;
      const layer = this.#layers.get(step.index)?.record ?? ancestor?.layer;
      steps.push({ stage: info.stage, instruction: createdBy, variables, parts, layer });
    }
    return { steps };
  }

  /** Reports the end of steps whose sources were fetched for their keys, but which were not needed. */
  endUnneeded(): void {
    for (const index of this.#fetching.keys()) {
      const { id } = this.prepared.keys.infos[index] as StepInfo;
      if (!this.#layers.has(index)) this.#shared.emit({ type: "step.cached", step: id });
    }
  }

  async #solve(step: Step, info: StepInfo): Promise<FileSystemState> {
    const { definition, index } = step;
    const parent = this.#state(definition.parent);
    // The parent reports its own failure.
    parent.catch(() => {});
    const fetched = this.#reportFetch(step, info);
    const keyed = await this.prepared.keys.key(index);
    const known = await this.#known.find(keyed);
    // The snapshot of an earlier build may be lost before it is needed.
    if (known !== undefined && !this.#layers.get(index)?.isLost) {
      const below = await parent;
      // A layer belongs to one execution of the RUN below it.
      if (ignoresParent(definition) || !this.#executor.hasNewRun(below)) {
        return this.#reuse(keyed, below, this.#knownLayer(keyed, below, known));
      }
    }
    return this.#make(keyed, parent, fetched);
  }

  /** Executes a step, unless this build has executed an equal step on the same files. */
  async #make(
    keyed: KeyedStep,
    parent: Promise<FileSystemState>,
    fetched: number | undefined,
  ): Promise<FileSystemState> {
    const { key, info, step } = keyed;
    const { made } = this.#shared;
    const identityOf = (below: FileSystemState) => (ignoresParent(step.definition) ? "" : below.identity);
    for (let other = made.get(key); other !== undefined; other = made.get(key)) {
      const [{ layer, below }, own] = await Promise.all([other, parent]);
      if (!layer.isLost && below === identityOf(own)) return this.#reuse(keyed, own, layer);
      if (made.get(key) === other) made.delete(key);
    }
    const making = withStep(info.id, async () => {
      const layer = await this.#execute(keyed, parent, fetched);
      return { layer, below: identityOf(await parent) };
    });
    made.set(key, making);
    making.catch(() => made.get(key) === making && made.delete(key));
    const { layer } = await making;
    this.#layers.set(step.index, layer);
    return this.#states.extend(await parent, layer);
  }

  async #execute(
    keyed: KeyedStep,
    parent: Promise<FileSystemState>,
    fetched: number | undefined,
  ): Promise<StateLayer> {
    const { definition } = keyed.step;
    const inputs = inputsOf(definition).filter((input, place) => place > 0 && input.kind !== "context");
    const [below, ...others] = await Promise.all([parent, ...inputs.map((input) => this.#state(input))]);
    const stateOf = (input: FileState) =>
      input === definition.parent ? below : (others[inputs.indexOf(input)] as FileSystemState);
    const { layer, isKnown } = await this.#executor.execute(keyed, stateOf, fetched);
    if (isKnown) this.#reportCached(keyed, layer);
    return layer;
  }

  async #state(input: FileState): Promise<FileSystemState> {
    switch (input.kind) {
      case "scratch":
        return this.#states.scratch;
      case "image":
        return this.#imageState(input.image);
      case "step":
        return this.#after(input.step);
      case "context":
        return this.#contextState(input.name);
    }
  }

  #imageState(index: number): FileSystemState {
    let state = this.#imageStates.get(index);
    if (state === undefined) {
      state = this.#states.of(this.#images.layers(index));
      this.#imageStates.set(index, state);
    }
    return state;
  }

  /** A context that replaces an image: one layer with all its files. */
  #contextState(name: string | undefined): Promise<FileSystemState> {
    let state = this.#contexts.get(name);
    if (state === undefined) {
      const { tree } = contextOf(this.#shared.contexts, name);
      state = this.#writer.contextLayer(tree).then((layer) => this.#states.of([layer]));
      this.#contexts.set(name, state);
    }
    return state;
  }

  /** Reports the start of a step with remote sources: they are fetched for its key, which may take long. */
  #reportFetch({ definition, index }: Step, { id }: StepInfo): number | undefined {
    const isFetched = "sources" in definition && definition.sources.some(isRemoteSource);
    if (isFetched && !this.#fetching.has(index)) {
      this.#fetching.set(index, Date.now());
      this.#shared.emit({ type: "step.start", step: id });
    }
    return this.#fetching.get(index);
  }

  #knownLayer(keyed: KeyedStep, below: FileSystemState, known: KnownResult): StateLayer {
    if ("record" in known) return StateLayer.of(known.record);
    return this.#executor.layerOfSnapshot(keyed, below, known.snapshot, known.isScoped);
  }

  #reuse(keyed: KeyedStep, below: FileSystemState, layer: StateLayer): FileSystemState {
    this.#layers.set(keyed.step.index, layer);
    this.#reportCached(keyed, layer);
    return this.#states.extend(below, layer);
  }

  #reportCached({ info }: KeyedStep, { record }: StateLayer): void {
    const layer = record && { layer: record.layer };
    this.#shared.emit({ type: "step.cached", step: info.id, ...layer });
  }

  async #platformOfRun(index: number): Promise<string | undefined> {
    this.#inputsOfRuns ??= this.#known.indices().then((known) => inputsOfRuns(this.prepared.plan, known));
    return (await this.#inputsOfRuns).get(index);
  }
}

function runnerSteps({ settings }: PreparedPlatform, shared: SharedSolve): RunnerSteps | undefined {
  const { runners, secrets } = shared.world;
  return runners && new RunnerSteps({ ...shared, runners, secrets, settings });
}

/** Steps whose layers are part of the image. */
function chainOf({ plan }: PreparedPlatform): ReadonlySet<number> {
  const chain = new Set<number>();
  for (let state = plan.result.files; state.kind === "step"; ) {
    chain.add(state.step);
    state = (plan.steps[state.step] as Step).definition.parent;
  }
  return chain;
}
