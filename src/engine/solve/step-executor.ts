import type { LastLayer } from "../../../schemas/runner.ts";
import type { Keep } from "../../layers/spool.ts";
import { openLayer, scopedTocKey, tocKey } from "../../layers/toc.ts";
import { type BuildContexts, contextOf } from "../contexts.ts";
import { isIndependent } from "../copy/copy.ts";
import type { CopySource } from "../copy/copy-request.ts";
import type { Emit } from "../emit.ts";
import { whyExecuted } from "../explain/differences.ts";
import { reasons } from "../explain/reasons.ts";
import { ancestorOf, type Trail, type TrailStep } from "../explain/trail.ts";
import { saveSelection } from "../keys/selections.ts";
import { hasSameTimes } from "../keys/step-key.ts";
import { ignoresParent, type KeyedStep } from "../keys/step-keys.ts";
import type { RunDefinition, Step, TransferDefinition, WorkdirDefinition } from "../plan/step.ts";
import { type CopyTimes, openCopyTask } from "../run/copy-task.ts";
import { isOfScope } from "../run/run-task.ts";
import { jobLayerOf, type RunnerSteps, type StateOf } from "../run/runner-steps.ts";
import type { RunnerSnapshot, TaskOutcome } from "../run/runners.ts";
import { entryTimes, formatConfigTime } from "../times.ts";
import type { World } from "../world.ts";
import type { BackgroundWork } from "./background.ts";
import { changeFiles } from "./change-files.ts";
import type { LayerSource, LayerWriter } from "./layer-writer.ts";
import type { PreparedPlatform } from "./prepared.ts";
import { LostResultError } from "./solver.ts";
import { type Remotes, Sources } from "./sources.ts";
import { type FileSystemState, StateLayer } from "./states.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { readStates, readsArchive, resultKey } from "./step-inputs.ts";
import { sizeOfSources, useWriterMemory } from "./writer-memory.ts";

export interface StepExecutorOptions {
  prepared: PreparedPlatform;
  world: Pick<World, "store" | "runners" | "memory" | "layerMemory">;
  cache: StepCache;
  contexts: BuildContexts;
  remotes: Remotes;
  writer: LayerWriter;
  runner: RunnerSteps | undefined;
  trail: Trail | undefined;
  /** Steps that execute regardless of the build cache. */
  fresh: ReadonlySet<number>;
  /** Platform of an executing RUN that reads the result of a step; undefined when there is none. */
  platformOfRun: (index: number) => Promise<string | undefined>;
  /** Steps whose layers are part of the image. */
  exported: ReadonlySet<number>;
  /** File name of the Dockerfile, for warnings. */
  dockerfile: string;
  /** The image being built. */
  scope: string;
  background: BackgroundWork;
  signal: AbortSignal;
  /** Fails the build. */
  fail: (error: unknown) => void;
  emit: Emit;
}

/** A step being executed, with its inputs. */
interface Work {
  keyed: KeyedStep;
  below: FileSystemState;
  stateOf: StateOf;
  /** Whether only the scope of the build trusts some input. */
  isConfined: boolean;
  /** Start time in milliseconds since 1970. */
  began: number;
  /** Keys for recording the result, once known. */
  keys: Promise<readonly string[]>;
  explanation: Promise<Explanation>;
}

type Explanation = Awaited<ReturnType<typeof whyExecuted>>;

const unexplained: Explanation = { why: reasons.unreadable, differences: [] };

/** Executes the steps of one platform: COPY, ADD and WORKDIR on the server or on a runner, RUN on a runner. */
export class StepExecutor {
  readonly #options: StepExecutorOptions;
  /** Layers of RUN made in this build: no key that names them can be known yet. */
  readonly #new = new WeakSet<StateLayer>();
  /** Layers that only a runner holds, with the duration of their steps in milliseconds. */
  readonly held = new Map<StateLayer, number>();

  constructor(options: StepExecutorOptions) {
    this.#options = options;
  }

  /**
   * Executes a step whose result is unknown by definition; it may be known by the files that it reads.
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
  found(
    keyed: KeyedStep,
    below: FileSystemState,
    snapshot: RunnerSnapshot & { isConfined: boolean },
    isFoundInScope: boolean,
  ): StateLayer {
    const { isConfined } = snapshot;
    const keys = Promise.resolve([keyed.key]);
    return this.#heldLayer({ keyed, below, keys }, snapshot, isConfined || isFoundInScope, isFoundInScope);
  }

  async #make(work: Work): Promise<StateLayer> {
    const { definition } = work.keyed.step;
    const { runner } = this.#options;
    if (definition.kind === "run") {
      if (runner === undefined) throw new Error("RUN was not rejected although there are no runners");
      return this.#run(work, definition, runner);
    }
    if (runner === undefined || (await readsArchive(definition, this.#options)))
      return this.#copyAtEdge(work, definition);
    // Execute where most input files are and where the result will be needed.
    const { keyed, stateOf } = work;
    const platformOfRun = await this.#options.platformOfRun(keyed.step.index);
    const isHeld = readStates(keyed, stateOf).some((state) => state.isHeld);
    if (!isHeld && platformOfRun === undefined) return this.#copyAtEdge(work, definition);
    return this.#copyOnRunner(work, definition, runner, platformOfRun ?? keyed.info.platform);
  }

  async #run(work: Work, definition: RunDefinition, runner: RunnerSteps): Promise<StateLayer> {
    const { step, info } = work.keyed;
    const outcome = await runner.run(info.id, definition, step.description, work.stateOf);
    const { milliseconds } = outcome.result;
    const isScoped = definition.mounts.some(isOfScope);
    const isConfined = work.isConfined || outcome.isConfined || isScoped;
    const layer = this.#heldLayer(work, snapshotOf(outcome), isConfined, isScoped);
    this.#new.add(layer);
    await this.#finish(work, layer, { processMilliseconds: milliseconds });
    return layer;
  }

  async #copyOnRunner(
    work: Work,
    definition: TransferDefinition | WorkdirDefinition,
    runner: RunnerSteps,
    platform: string,
  ): Promise<StateLayer> {
    const times = this.#copyTimes(work.keyed);
    const outcome = await runner.copy(work.keyed.info.id, definition, times, work.stateOf, platform);
    this.#warn(work, outcome.result.warnings);
    const isConfined = work.isConfined || outcome.isConfined;
    const layer = this.#heldLayer(work, snapshotOf(outcome), isConfined, false);
    await this.#finish(work, layer);
    return layer;
  }

  /**
   * Makes the layer of a step when there is memory for it. The step finishes when the layer is stored; steps that read its
   * files do not wait for that.
   */
  async #copyAtEdge(work: Work, definition: TransferDefinition | WorkdirDefinition): Promise<StateLayer> {
    const { remotes, contexts, world, emit, fail, signal } = this.#options;
    const { keyed, below, stateOf } = work;
    const sources = new Sources(remotes, async (from) =>
      from.kind === "context" ? contextOf(contexts, from.name).tree : stateOf(from).tree(),
    );
    const opened =
      definition.kind === "workdir"
        ? []
        : await Promise.all(definition.sources.map((one) => sources.open(one)));
    // Layers of other registries are not fetched while memory is reserved.
    if (definition.kind === "workdir" || !isIndependent(definition)) await below.tree();
    const step = keyed.info.id;
    const options = {
      signal,
      onWait: () =>
        emit({
          type: "step.waiting",
          step,
          message: "waiting for memory, which other builds use",
          reason: "busy",
        }),
      onStart: () => emit({ type: "step.running", step }),
    };
    const made = Promise.withResolvers<StateLayer>();
    let isMade = false;
    const size = await sizeOfSources(opened);
    useWriterMemory(world, size, options, async (keep) => {
      const layer = await this.#changedLayer(work, definition, opened, keep);
      isMade = true;
      made.resolve(layer);
      await layer.stored();
    }).catch((error: unknown) => {
      if (isMade) fail(error);
      else made.reject(error);
    });
    return made.promise;
  }

  async #changedLayer(
    work: Work,
    definition: TransferDefinition | WorkdirDefinition,
    opened: readonly CopySource[],
    keep: Keep,
  ): Promise<StateLayer> {
    const { writer, cache, emit, prepared, world } = this.#options;
    const { keyed, below, isConfined, began } = work;
    const parent = { hasNoLayers: below.layers.length === 0, tree: () => below.tree() };
    const times = this.#copyTimes(keyed);
    const last = times.last && (await openLayer(world.store, times.last.digest, times.last.toc));
    const { entries, warnings } = await changeFiles(definition, opened, parent, times.times, last?.tree);
    this.#warn(work, warnings);
    const step = keyed.info.id;
    return writer.layer(entries, {
      isConfined,
      hasFixedTime: definition.kind === "workdir" && prepared.settings.epoch !== undefined,
      last: this.#ancestor(keyed.step)?.layer,
      task: () => this.#layerSource(work, definition, times),
      onProgress: (current, total) =>
        emit({ type: "step.progress", step, message: "writing layer", current, total }),
      keep,
      onStored: async (record, reused) => {
        await cache.put(record, await work.keys);
        const milliseconds = Date.now() - began;
        emit({
          type: "step.done",
          step,
          layer: record.layer,
          reused,
          milliseconds,
          ...(await work.explanation),
        });
      },
    });
  }

  /** The task for a layer program; undefined when the step reads an archive, or a layer that is not stored. */
  async #layerSource(
    { keyed, stateOf }: Work,
    definition: TransferDefinition | WorkdirDefinition,
    times: CopyTimes,
  ): Promise<LayerSource | undefined> {
    const { scope } = this.#options;
    const states = readStates(keyed, stateOf);
    if (states.some((state) => !state.isStored) || (await readsArchive(definition, this.#options)))
      return undefined;
    const taskOf = await openCopyTask(definition, times, this.#options);
    const copy = taskOf((input) => ({
      layers: stateOf(input).layers.map((layer) => jobLayerOf(layer, undefined)),
    }));
    const records = states.flatMap((state) => state.layers.map((layer) => layer.record as LayerRecord));
    const confined = records.filter((record) => record.confined).map(({ layer }) => layer.digest);
    return { copy, scope, confined };
  }

  /** Reports that a runner has finished a step, and keeps the result for later builds. */
  async #finish(
    work: Work,
    layer: StateLayer,
    measured: { processMilliseconds?: number } = {},
  ): Promise<void> {
    const { emit, exported, world, background, cache } = this.#options;
    const { keyed, began } = work;
    const milliseconds = Date.now() - began;
    const { snapshot } = layer;
    if (snapshot !== undefined && world.runners !== undefined) {
      const name = isOpen(layer, work) ? keyed.key : cache.scopedKey(keyed.key);
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
    if (exported.has(keyed.step.index)) layer.stored().catch(() => {});
  }

  #heldLayer(
    { keyed, below, keys }: Pick<Work, "keyed" | "below" | "keys">,
    snapshot: RunnerSnapshot,
    isConfined: boolean,
    isScoped: boolean,
  ): StateLayer {
    const { runner, cache, emit } = this.#options;
    const created = formatConfigTime(Date.now());
    const layer: StateLayer = new StateLayer({
      identity: snapshot.id,
      isConfined,
      isOfScope: isScoped || below.layers.some(({ isOfScope: of }) => of),
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

  /** Times of the entries that a step creates. */
  #copyTimes({ step, key }: KeyedStep): CopyTimes {
    const { prepared, cache, fresh, scope } = this.#options;
    const { kind } = step.definition;
    const times = entryTimes(prepared.settings, kind, cache.began(key));
    const isIgnored = kind === "workdir" || cache.isIgnored || fresh.has(step.index);
    const before = isIgnored ? undefined : this.#ancestor(step);
    const last = before && hasSameTimes(before.parts, times) ? before.layer : undefined;
    return { times, last: last && lastLayer(last, scope) };
  }

  /** Whether a state contains the result of a RUN that executed in this build. */
  hasNew({ layers }: FileSystemState): boolean {
    return layers.some((layer) => this.#new.has(layer));
  }

  /** Whether the result may be known by the files that the step reads: never on a layer that was just made. */
  #mayBeKnown({ step }: KeyedStep, below: FileSystemState): boolean {
    if (this.#options.cache.isIgnored || this.#options.fresh.has(step.index)) return false;
    return ignoresParent(step.definition) || !this.hasNew(below);
  }

  #warn({ keyed }: Work, warnings: readonly { code: string; message: string }[]): void {
    const { emit, dockerfile } = this.#options;
    for (const { code, message } of warnings) {
      emit({ type: "warning", rule: code, message, file: dockerfile, line: keyed.info.lines.start });
    }
  }

  /** The reason why a step executes. Also stores its selections for comparison with the next build. */
  async #explain(keyed: KeyedStep): Promise<Explanation> {
    const { cache, fresh, world, trail, background } = this.#options;
    for (const selection of keyed.selections) background.add(saveSelection(world.store, selection));
    if (cache.isIgnored || fresh.has(keyed.step.index)) {
      return { why: reasons.notUsed, differences: [] };
    }
    return whyExecuted(world.store, trail, this.#ancestor(keyed.step), keyed);
  }

  #ancestor(step: Step): TrailStep | undefined {
    return ancestorOf(this.#options.trail, this.#options.prepared.plan, step);
  }
}

function lastLayer({ layer: { digest }, confined }: LayerRecord, scope: string): LastLayer {
  return { digest, toc: confined ? scopedTocKey(scope, digest) : tocKey(digest) };
}

function snapshotOf({
  runner,
  isTransient,
  result,
}: TaskOutcome<"run"> | TaskOutcome<"copy">): RunnerSnapshot {
  return { runner, isTransient, id: result.snapshot, bytes: result.bytes };
}

/** Whether builds of all scopes may find a snapshot: none of its inputs is trusted only by this scope. */
function isOpen({ snapshot, isOfScope: isScoped }: StateLayer, { keyed, stateOf }: Work): boolean {
  if (isScoped) return false;
  const layers = readStates(keyed, stateOf).flatMap((state) => state.layers);
  return layers.every(
    (layer) => !layer.isOfScope && (!layer.isConfined || layer.snapshot?.runner === snapshot?.runner),
  );
}
