import type { StepInfo } from "../../../schemas/events.ts";
import type { JobLayer, LayerTask, Task } from "../../../schemas/runner.ts";
import type { BuildContexts } from "../contexts.ts";
import type { Emit } from "../emit.ts";
import { BuildError } from "../errors.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import { excludesOf, ignoresParent } from "../keys/step-keys.ts";
import {
  type FileState,
  inputsOf,
  type RunDefinition,
  type StepDefinition,
  type StepDescription,
  type TransferDefinition,
  type TransferSource,
  type WorkdirDefinition,
} from "../plan/step.ts";
import type { Remotes } from "../solve/sources.ts";
import type { FileSystemState, StateLayer } from "../solve/states.ts";
import type { LayerRecord } from "../solve/step-cache.ts";
import { entryTimes } from "../times.ts";
import { type CopyTimes, openCopyTask, openSource } from "./copy-task.ts";
import { runError } from "./run-error.ts";
import { RunLog } from "./run-log.ts";
import { createRunTask } from "./run-task.ts";
import {
  HolderUnfitError,
  RunnerFailure,
  type RunnerPool,
  type Secrets,
  SnapshotsLostError,
  type TaskOutcome,
  type TaskWatcher,
} from "./runners.ts";

interface RunnerStepsOptions {
  runners: RunnerPool;
  secrets: Secrets | undefined;
  contexts: BuildContexts;
  remotes: Remotes;
  settings: LayerSettings;
  /** The image whose cache mounts the steps use. */
  scope: string;
  emit: Emit;
  signal: AbortSignal;
  /** Creates the error for layers that their runner lost before they were stored. */
  lost: (layers: readonly StateLayer[], cause?: unknown) => Error;
}

/** Returns the state of a step's input; contexts have none. */
export type StateOf = (input: FileState) => FileSystemState;

/** Executes steps on runners, and lets runners store the layers that they hold. */
export class RunnerSteps {
  readonly #options: RunnerStepsOptions;

  constructor(options: RunnerStepsOptions) {
    this.#options = options;
  }

  /**
   * Executes RUN.
   * @param id of the step in events
   * @throws {BuildError | LostResultError}
   */
  async run(
    id: string,
    definition: RunDefinition,
    { proxies = {} }: StepDescription,
    stateOf: StateOf,
  ): Promise<TaskOutcome<"run">> {
    const { emit, contexts, secrets, scope } = this.#options;
    const log = new RunLog((stream, text) => emit({ type: "step.log", step: id, stream, text }));
    const watcher = { ...this.#watcher(id), log: log.add.bind(log) };
    try {
      return await this.#execute(
        { states: statesOf(inputsOf(definition), stateOf), platform: definition.platform, watcher },
        (stackOfState) => {
          const stackOf = (input: FileState) => stackOfState(stateOf(input));
          const identitiesOf = (input: FileState) => stateOf(input).layers.map(({ identity }) => identity);
          return createRunTask(definition, { stackOf, identitiesOf, contexts, secrets, scope, proxies });
        },
      );
    } catch (error) {
      log.end();
      if (!(error instanceof RunnerFailure)) throw error;
      throw runError(definition.args, error.failure, log.last);
    } finally {
      log.end();
    }
  }

  /**
   * Executes COPY, ADD or WORKDIR.
   * @param id of the step in events
   * @param platform `os/arch[/variant]` of the processes that will read the result
   * @throws {BuildError | LostResultError}
   */
  async copy(
    id: string,
    definition: TransferDefinition | WorkdirDefinition,
    times: CopyTimes,
    stateOf: StateOf,
    platform: string,
  ): Promise<TaskOutcome<"copy">> {
    const taskOf = await openCopyTask(definition, times, this.#options);
    const states = statesOf(inputsOf(definition).slice(ignoresParent(definition) ? 1 : 0), stateOf);
    return this.#executeCopy({ states, platform, watcher: this.#watcher(id) }, (stackOfState) =>
      taskOf((input) => stackOfState(stateOf(input))),
    );
  }

  /**
   * The digests of the selections of some sources of a step. Undefined when a runner computed them that fewer builds trust than
   * the sources, because all builds find results by these digests.
   * @throws {BuildError | LostResultError}
   */
  async select(
    { id, platform }: StepInfo,
    sources: readonly TransferSource[],
    definition: StepDefinition,
    stateOf: StateOf,
  ): Promise<string[] | undefined> {
    const opened = await Promise.all(sources.map((source) => openSource(source, this.#options)));
    const inputs = sources.flatMap((source) => (source.kind === "files" ? source.from : []));
    const excludes = [...excludesOf(definition)];
    const states = statesOf(inputs, stateOf);
    const { result, isConfined } = await this.#executeCopy(
      { states, platform, watcher: this.#watcher(id) },
      (stackOfState) => {
        const stackOf = (input: FileState) => stackOfState(stateOf(input));
        return { kind: "select", sources: opened.map((open) => ({ source: open(stackOf), excludes })) };
      },
    );
    return isConfined && !states.some((state) => state.isConfined) ? undefined : result.digests;
  }

  /**
   * Stores the layer of a snapshot. The runner that holds the snapshot writes and uploads it.
   * @param below the state below the layer
   * @param created when it was made, RFC 3339
   * @throws {BuildError | LostResultError}
   */
  async store(
    platform: string,
    layer: StateLayer,
    below: FileSystemState,
    created: string,
  ): Promise<LayerRecord> {
    const { settings } = this.#options;
    const { compression, level } = settings;
    const { result } = await this.#executeCopy(
      { states: [below], held: layer, platform, watcher: this.#watcher() },
      (stackOfState): LayerTask => ({
        kind: "layer",
        snapshot: layer.snapshot?.id ?? "",
        ...stackOfState(below),
        compression,
        level,
        times: entryTimes(settings, "run", Date.parse(created)),
      }),
    );
    const { diffId, ...descriptor } = result.layer;
    const { identity, isConfined } = layer;
    return { layer: descriptor, diffId, identity, ...(isConfined && { confined: true as const }), created };
  }

  #watcher(id?: string): TaskWatcher {
    const { emit, signal } = this.#options;
    const waiting = (message: string, isBusy: boolean) => {
      if (id !== undefined)
        emit({ type: "step.waiting", step: id, message, reason: isBusy ? "busy" : "runner" });
    };
    const running = () => {
      if (id !== undefined) emit({ type: "step.running", step: id });
    };
    return { log: () => {}, waiting, running, signal };
  }

  /** Like `#execute`, for tasks without a process: their failures are those of a COPY. */
  async #executeCopy<K extends "copy" | "select" | "layer">(
    options: ExecuteOptions,
    taskOf: TaskOf<K>,
  ): Promise<TaskOutcome<K>> {
    try {
      return await this.#execute(options, taskOf);
    } catch (error) {
      throw error instanceof RunnerFailure ? copyFailure(error) : error;
    }
  }

  /**
   * Executes a task on the runner that holds most of its layers. Layers that only other runners hold are stored first.
   */
  async #execute<K extends Task["kind"]>(
    { states, held, platform, watcher }: ExecuteOptions,
    taskOf: TaskOf<K>,
  ): Promise<TaskOutcome<K>> {
    const layers = states.flatMap((state) => state.layers);
    const all = held === undefined ? layers : [...layers, held];
    let holder = held === undefined ? holderOf(layers) : held.snapshot?.runner;
    for (;;) {
      const isHere = ({ snapshot }: StateLayer) => snapshot !== undefined && snapshot.runner === holder;
      await Promise.all(layers.map((layer) => isHere(layer) || layer.ensureStored()));
      // Another task may have detected a loss in the meantime.
      this.#requireAll(all);
      const here = all.filter(isHere);
      const task = taskOf((state) => ({ layers: state.layers.map((layer) => jobLayerOf(layer, holder)) }));
      try {
        // Its snapshots may have been lost while other layers were stored.
        const preference = holder !== undefined &&
          here.length > 0 && { holder, unstoredBytes: unstoredBytes(here) };
        const options = { platform, watcher, ...preference };
        return await this.#options.runners.execute(task, options);
      } catch (error) {
        if (error instanceof SnapshotsLostError) {
          this.#markLost(here, error);
          holder = held === undefined ? holderOf(layers) : held.snapshot?.runner;
        } else if (error instanceof HolderUnfitError) {
          // Only the holder can write the layer.
          held?.loseSnapshot();
          holder = undefined;
        } else throw error;
      }
    }
  }

  /**
   * Marks the lost layers among the snapshots of a task. Another task may have marked them before.
   * @throws {LostResultError} unless all of them are stored
   */
  #markLost(snapshots: readonly StateLayer[], error: SnapshotsLostError): void {
    for (const layer of snapshots) {
      if (layer.snapshot !== undefined && isLost(layer.snapshot, error)) layer.loseSnapshot();
    }
    if (snapshots.every(({ snapshot }) => snapshot !== undefined)) throw error;
    this.#requireAll(snapshots, error);
  }

  /** @throws {LostResultError} when layers are lost and not stored */
  #requireAll(layers: readonly StateLayer[], cause?: unknown): void {
    const gone = layers.filter(({ isLost }) => isLost);
    if (gone.length > 0) throw this.#options.lost(gone, cause);
  }
}

interface ExecuteOptions {
  /** File systems that the task reads. */
  states: readonly FileSystemState[];
  /** A layer that the runner must hold. */
  held?: StateLayer;
  platform: string;
  watcher: TaskWatcher;
}

type TaskOf<K extends Task["kind"]> = (
  stackOf: (state: FileSystemState) => { layers: JobLayer[] },
) => Extract<Task, { kind: K }>;

/** The distinct states of inputs, without contexts. */
function statesOf(inputs: readonly FileState[], stateOf: StateOf): FileSystemState[] {
  return [...new Set(inputs.filter(({ kind }) => kind !== "context").map(stateOf))];
}

/** The runner that holds most bytes of some layers; undefined when no runner holds any. */
function holderOf(layers: readonly StateLayer[]): string | undefined {
  const bytes = new Map<string, number>();
  for (const { snapshot, isOnlyHeld } of new Set(layers)) {
    if (snapshot === undefined) continue;
    // A stored layer can be fetched; any other would have to be written first.
    const weight = isOnlyHeld ? snapshot.bytes * 2 ** 20 + 2 ** 20 : snapshot.bytes + 1;
    bytes.set(snapshot.runner, (bytes.get(snapshot.runner) ?? 0) + weight);
  }
  return [...bytes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function unstoredBytes(layers: readonly StateLayer[]): number {
  const unstored = [...new Set(layers)].filter(({ isOnlyHeld }) => isOnlyHeld);
  return unstored.reduce((sum, { snapshot }) => sum + (snapshot?.bytes ?? 0), 0);
}

/** A layer in the form that a task contains: its snapshot if the runner `holder` has one, otherwise the stored layer. */
export function jobLayerOf({ snapshot, record }: StateLayer, holder: string | undefined): JobLayer {
  if (snapshot !== undefined && snapshot.runner === holder) return { snapshot: snapshot.id };
  if (record === undefined) throw new Error("Cannot send a layer to a runner: it is not stored");
  const { mediaType, digest, size } = record.layer;
  return { mediaType, digest, size, diffId: record.diffId };
}

function isLost({ runner, id }: { runner: string; id: string }, error: SnapshotsLostError): boolean {
  return runner === error.runner && (error.ids === undefined || error.ids.includes(id));
}

function copyFailure({ failure }: RunnerFailure): BuildError {
  const { reason, code = "copy-failed", message, hint, words = [] } = failure;
  if (reason === "cancelled") return new BuildError("cancelled", "The step was cancelled");
  if (reason === "copy") {
    return new BuildError(code, message, { ...(hint !== undefined && { hint }) }).about(...words);
  }
  const disk = reason === "out-of-disk" ? { hint: "Free disk space on the runner." } : {};
  return new BuildError("runner-failed", `The runner cannot execute the step: ${message}`, disk);
}
