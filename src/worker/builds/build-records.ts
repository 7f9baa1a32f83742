import type { BuildRecord } from "../../../schemas/build.ts";
import { BuildRuns } from "./build-runs.ts";
import { BuildStorage, type State } from "./build-storage.ts";

/** The durable data of a build object: its state, its inputs and finished steps, and its runs. */
export class BuildRecords {
  readonly #durable: DurableObjectStorage;
  /** These two are opened when they are needed, so that a request for an unknown build leaves no stored object. */
  #storage: BuildStorage | undefined;
  #runs: BuildRuns | undefined;
  #state: State | undefined;

  constructor(durable: DurableObjectStorage) {
    this.#durable = durable;
    this.#state = BuildStorage.stateIn(durable);
  }

  get storage(): BuildStorage {
    this.#storage ??= new BuildStorage(this.#durable);
    return this.#storage;
  }

  get runs(): BuildRuns {
    this.#runs ??= new BuildRuns(this.#durable.sql);
    return this.#runs;
  }

  /** Undefined before the build was started, and after `clear`. */
  get state(): State | undefined {
    return this.#state;
  }

  /** Number of the last run; 0 before the first. */
  get lastRun(): number {
    return this.#state?.record.run ?? 0;
  }

  /** The state of a build that was started. */
  known(): State {
    if (this.#state === undefined) throw new Error("The build was not started");
    return this.#state;
  }

  save(state: State): State {
    this.#state = state;
    this.storage.keepState(state);
    return state;
  }

  /** Changes some fields of the state. */
  update(changes: Partial<State>): void {
    this.save({ ...this.known(), ...changes });
  }

  /** Starts the record of the next run. */
  addRun(record: Omit<BuildRecord, "run">): BuildRecord {
    const added = { ...record, run: this.lastRun + 1 };
    this.runs.keep(added.run, added);
    return added;
  }

  /** Stores the record of a run. */
  keep(record: BuildRecord): void {
    this.runs.keep(record.run, record);
    if (this.known().record.started === record.started) this.update({ record });
  }

  /** The record of a run, by default the last one. */
  record(run?: number): BuildRecord | undefined {
    const last = this.#state?.record;
    return last === undefined || run === undefined || run === last.run ? last : this.runs.record(run);
  }

  /** The stored runs, newest first. */
  list(): BuildRecord[] {
    const last = this.#state?.record;
    if (last === undefined) return [];
    return [last, ...this.runs.list().filter(({ run }) => run !== last.run)];
  }

  /** Deletes everything. */
  async clear(): Promise<void> {
    this.#state = undefined;
    await this.#durable.deleteAll();
    this.#storage = undefined;
    this.#runs = undefined;
  }
}
