import { explainExecution } from "../explain/differences.ts";
import { reasons } from "../explain/reasons.ts";
import { saveSelection } from "../keys/selections.ts";
import { ignoresParent, type KeyedStep } from "../keys/step-keys.ts";
import type { RunDefinition, TransferDefinition, WorkdirDefinition } from "../plan/step.ts";
import { isScopedMount } from "../run/run-task.ts";
import type { RunnerSteps, StateOf } from "../run/runner-steps.ts";
import type { RunnerSnapshot, TaskOutcome } from "../run/runners.ts";
import { formatConfigTime } from "../times.ts";
import { copyAtEdge } from "./copy-at-edge.ts";
import { LostResultError } from "./solver.ts";
import { type FileSystemState, StateLayer } from "./states.ts";
import type { LayerRecord } from "./step-cache.ts";
import { readStates, readsArchive, resultKey } from "./step-inputs.ts";
import {
  copyTimes,
  emitWarnings,
  lastVersion,
  type StepExecutorOptions,
  type StepExplanation,
  type StepWork,
} from "./step-work.ts";

const unexplained: StepExplanation = { why: reasons.unreadable, differences: [] };

/** Executes the steps of one platform: COPY, ADD and WORKDIR on the server or on a runner, RUN on a runner. */
export class StepExecutor {
  readonly #options: StepExecutorOptions;
  /** Layers that only a runner holds, with the duration of their steps in milliseconds. */
  readonly held = new Map<StateLayer, number>();

  constructor(options: StepExecutorOptions) {
    this.#options = options;
  }

  /**
   * Executes a step whose definition-based key has no result; its content-based key may have one.
   * @param stateOf returns the states of its inputs
   * @param fetched when fetching its sources started, in milliseconds since 1970
   * @returns the layer, and whether it was known
   * @throws {BuildError | LostResultError}
   */
  async execute(
    keyed: KeyedStep,
    stateOf: StateOf,
    fetched: number | undefined,
  ): Promise<{ layer: StateLayer; isKnown: boolean }> {
    const { emit, cache } = this.#options;
    const { definition } = keyed.step;
    const below = stateOf(definition.parent);
    const began = fetched ?? Date.now();
    if (fetched === undefined) emit({ type: "step.start", step: keyed.info.id });
    const isConfined = readStates(keyed, stateOf).some((state) => state.isConfined);
    const contentKey = resultKey(keyed, stateOf, this.#options);
    if (this.#mayBeKnown(keyed, below)) {
      const key = await contentKey;
      const record = (await cache.find([key])).get(key);
      if (record !== undefined) {
        // The key contains digests of confined inputs, which may be wrong.
        const known = isConfined ? { ...record, confined: true as const } : record;
        this.#options.background.add(cache.put(known, [keyed.key]));
        return { layer: StateLayer.of(known), isKnown: true };
      }
    }
    const keys = contentKey.then(
      (key) => [keyed.key, key],
      (error: unknown) => {
        // The step does not need its second key to execute.
        if (error instanceof LostResultError) return [keyed.key];
        throw error;
      },
    );
    // Rejections are handled where the keys are awaited.
    keys.catch(() => {});
    const explanation = this.#explain(keyed).catch(() => unexplained);
    const work = { keyed, below, stateOf, isConfined, began, keys, explanation };
    try {
      return { layer: await this.#make(work), isKnown: false };
    } catch (error) {
      // As in BuildKit, a missing source is reported while the key is computed.
      await contentKey;
      throw error;
    }
  }

  /** The layer of a snapshot that a runner kept from an earlier build. */
  layerOfSnapshot(
    keyed: KeyedStep,
    below: FileSystemState,
    snapshot: RunnerSnapshot & { isConfined: boolean },
    isFoundInScope: boolean,
  ): StateLayer {
    const { isConfined } = snapshot;
    const keys = Promise.resolve([keyed.key]);
    const isScoped = isFoundInScope || below.layers.some((layer) => layer.isScoped);
    return this.#heldLayer({ keyed, below, keys }, snapshot, isConfined || isFoundInScope, isScoped);
  }

  async #make(work: StepWork): Promise<StateLayer> {
    const { definition } = work.keyed.step;
    const { runner } = this.#options;
    if (definition.kind === "run") {
      if (runner === undefined) throw new Error("RUN was not rejected although there are no runners");
      return this.#run(work, definition, runner);
    }
    if (runner === undefined || (await readsArchive(definition, this.#options)))
      return copyAtEdge(work, definition, this.#options);
    // Execute where most input files are and where the result will be needed.
    const { keyed, stateOf } = work;
    const platformOfRun = await this.#options.platformOfRun(keyed.step.index);
    const isHeld = readStates(keyed, stateOf).some((state) => state.isHeld);
    if (!isHeld && platformOfRun === undefined) return copyAtEdge(work, definition, this.#options);
    return this.#copyOnRunner(work, definition, runner, platformOfRun ?? keyed.info.platform);
  }

  async #run(work: StepWork, definition: RunDefinition, runner: RunnerSteps): Promise<StateLayer> {
    const { step, info } = work.keyed;
    const outcome = await runner.run(info.id, definition, step.description, work.stateOf);
    const { milliseconds } = outcome.result;
    const isScoped = definition.mounts.some(isScopedMount) || dependsOnScope(work, outcome);
    const isConfined = work.isConfined || outcome.isConfined || isScoped;
    const layer = this.#heldLayer(work, snapshotOf(outcome), isConfined, isScoped);
    this.#options.newRuns.add(layer);
    await this.#finish(work, layer, { processMilliseconds: milliseconds });
    return layer;
  }

  async #copyOnRunner(
    work: StepWork,
    definition: TransferDefinition | WorkdirDefinition,
    runner: RunnerSteps,
    platform: string,
  ): Promise<StateLayer> {
    const times = copyTimes(work.keyed, this.#options);
    const outcome = await runner.copy(work.keyed.info.id, definition, times, work.stateOf, platform);
    emitWarnings(work.keyed, outcome.result.warnings, this.#options);
    const isConfined = work.isConfined || outcome.isConfined;
    const isScoped = dependsOnScope(work, outcome);
    const layer = this.#heldLayer(work, snapshotOf(outcome), isConfined, isScoped);
    await this.#finish(work, layer);
    return layer;
  }

  /** Reports that a runner has finished a step, and keeps the result for later builds. */
  async #finish(
    work: StepWork,
    layer: StateLayer,
    measured: { processMilliseconds?: number } = {},
  ): Promise<void> {
    const { emit, exported, world, background, cache } = this.#options;
    const { keyed, began } = work;
    const milliseconds = Date.now() - began;
    const { snapshot } = layer;
    if (snapshot !== undefined && world.runners !== undefined) {
      const name = layer.isScoped ? cache.scopedKey(keyed.key) : keyed.key;
      background.add(world.runners.keep(snapshot, [name]));
    }
    this.held.set(layer, milliseconds);
    emit({
      type: "step.done",
      step: keyed.info.id,
      reused: false,
      milliseconds,
      ...measured,
      ...(await work.explanation),
    });
    // The image contains the layer, so start writing it while later steps execute.
    if (exported.has(keyed.step.index)) layer.ensureStored().catch(() => {});
  }

  #heldLayer(
    { keyed, below, keys }: Pick<StepWork, "keyed" | "below" | "keys">,
    snapshot: RunnerSnapshot,
    isConfined: boolean,
    isScoped: boolean,
  ): StateLayer {
    const { runner, cache, emit } = this.#options;
    const created = formatConfigTime(Date.now());
    const layer: StateLayer = new StateLayer({
      identity: snapshot.id,
      isConfined,
      isScoped,
      snapshot,
      store: async () => {
        if (runner === undefined) throw new Error("There is a snapshot although there are no runners");
        const record: LayerRecord = await runner.store(keyed.info.platform, layer, below, created);
        await cache.put(record, await keys);
        emit({ type: "step.stored", step: keyed.info.id, layer: record.layer });
        return record;
      },
    });
    return layer;
  }

  /** Whether a state contains the result of a RUN that executed in this build. */
  hasNewRun({ layers }: FileSystemState): boolean {
    return layers.some((layer) => this.#options.newRuns.has(layer));
  }

  /** Whether the content-based key may have a result. */
  #mayBeKnown({ step }: KeyedStep, below: FileSystemState): boolean {
    if (this.#options.cache.isIgnored || this.#options.fresh.has(step.index)) return false;
    return ignoresParent(step.definition) || !this.hasNewRun(below);
  }

  /** The reason why a step executes. Also stores its selections for comparison with the next build. */
  async #explain(keyed: KeyedStep): Promise<StepExplanation> {
    const { cache, affected, world, trail, background } = this.#options;
    for (const selection of keyed.selections) background.add(saveSelection(world.store, selection));
    if (cache.isIgnored || affected.has(keyed.step.index)) {
      return { why: reasons.notUsed, differences: [] };
    }
    return explainExecution(world.store, trail, lastVersion(keyed.step, this.#options), keyed);
  }
}

function snapshotOf({
  runner,
  isTransient,
  result,
}: TaskOutcome<"run"> | TaskOutcome<"copy">): RunnerSnapshot {
  return { runner, isTransient, id: result.snapshot, bytes: result.bytes };
}

/**
 * Whether a result depends on inputs that only this scope trusts. Inputs that the same runner made do not count: a build that
 * finds a snapshot trusts it as far as its runner.
 */
function dependsOnScope({ keyed, stateOf }: StepWork, { runner }: Pick<RunnerSnapshot, "runner">): boolean {
  const layers = readStates(keyed, stateOf).flatMap((state) => state.layers);
  return layers.some((layer) => layer.isScoped || (layer.isConfined && layer.snapshot?.runner !== runner));
}
