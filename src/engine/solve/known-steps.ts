import type { Emit } from "../emit.ts";
import { ignoresParent, type KeyedStep } from "../keys/step-keys.ts";
import type { FoundSnapshot, RunnerPool } from "../run/runners.ts";
import { neededSteps, stepsOf } from "./needed-steps.ts";
import type { PreparedPlatform } from "./prepared.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";

/** The result of an earlier build: a stored layer, or a snapshot that a runner still holds. */
export type KnownResult = { record: LayerRecord } | { snapshot: FoundSnapshot; isScoped: boolean };

/**
 * Results of earlier builds by key. Looks up steps whose keys need no download together, the others one by one. Queries
 * runners only for steps that the build needs, because a query may wait for a runner to start.
 */
export class KnownSteps {
  readonly #prepared: PreparedPlatform;
  readonly #cache: StepCache;
  readonly #runners: RunnerPool | undefined;
  readonly #emit: Emit;
  /** Steps that execute regardless of the build cache: those of uncached stages, and those above them. As in BuildKit. */
  readonly fresh: ReadonlySet<number>;
  /** Also the steps that read files of these. Only equal files find their results, not equal definitions. */
  readonly affected: ReadonlySet<number>;
  /** Keys whose snapshots were looked up on runners. */
  readonly #searched = new Set<string>();
  #loaded: Promise<Map<string, KnownResult>> | undefined;
  /** Adds the snapshots of the remaining steps, as soon as one of them turns out to be needed. */
  #completed: Promise<void> | undefined;

  /** @param uncached names of stages whose steps execute regardless of the build cache */
  constructor(
    prepared: PreparedPlatform,
    cache: StepCache,
    runners: RunnerPool | undefined,
    uncached: ReadonlySet<string>,
    emit: Emit,
  ) {
    this.#prepared = prepared;
    this.#cache = cache;
    this.#emit = emit;
    const { plan } = prepared;
    this.affected = stepsOf(plan, uncached);
    this.fresh = stepsOf(plan, uncached, (definition) =>
      ignoresParent(definition) ? [] : [definition.parent],
    );
    const hasRun = plan.steps.some(({ definition }) => definition.kind === "run");
    this.#runners = hasRun && !cache.isIgnored ? runners : undefined;
  }

  async find(keyed: KeyedStep): Promise<KnownResult | undefined> {
    const { key, step } = keyed;
    if (!this.#prepared.keys.isLocal(step.index)) return (await this.#lookUp([keyed])).get(key);
    const loaded = await this.load();
    if (!loaded.has(key) && !this.#searched.has(key)) {
      this.#completed ??= this.#localSteps().then((steps) => this.#addSnapshots(steps, loaded));
    }
    if (!loaded.has(key)) await this.#completed;
    return loaded.get(key);
  }

  /** Indices of the steps with known results, among the steps whose keys need no download. */
  async indices(): Promise<ReadonlySet<number>> {
    const loaded = await this.load();
    const steps = await this.#localSteps();
    return new Set(steps.filter(({ key }) => loaded.has(key)).map(({ step }) => step.index));
  }

  /** Looks up all steps whose keys need no download. */
  load(): Promise<Map<string, KnownResult>> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<Map<string, KnownResult>> {
    const steps = await this.#localSteps();
    const known = await this.#records(steps);
    const stored = new Set(steps.filter(({ key }) => known.has(key)).map(({ step }) => step.index));
    const needed = neededSteps(this.#prepared.plan, (index) => stored.has(index));
    await this.#addSnapshots(
      steps.filter(({ step }) => needed.has(step.index)),
      known,
    );
    return known;
  }

  #localSteps(): Promise<KeyedStep[]> {
    const { plan, keys } = this.#prepared;
    const local = plan.steps.filter(({ index }) => keys.isLocal(index));
    return Promise.all(local.map(({ index }) => keys.key(index)));
  }

  async #lookUp(steps: readonly KeyedStep[]): Promise<Map<string, KnownResult>> {
    const known = await this.#records(steps);
    await this.#addSnapshots(steps, known);
    return known;
  }

  /** Stored layers. */
  async #records(steps: readonly KeyedStep[]): Promise<Map<string, KnownResult>> {
    const affected = new Set(steps.filter(({ step }) => this.affected.has(step.index)).map(({ key }) => key));
    const records = await this.#cache.find(
      steps.map(({ key }) => key),
      affected,
    );
    return new Map([...records].map(([key, record]) => [key, { record }]));
  }

  /** Adds snapshots of steps without a known result. */
  async #addSnapshots(steps: readonly KeyedStep[], known: Map<string, KnownResult>): Promise<void> {
    const missing = steps.filter(
      ({ step, key }) => !known.has(key) && !this.#searched.has(key) && !this.affected.has(step.index),
    );
    for (const { key } of steps) this.#searched.add(key);
    const run = missing.find(({ step }) => step.definition.kind === "run");
    if (run === undefined || this.#runners === undefined) return;
    const names = missing.flatMap(({ key }) => [key, this.#cache.scopedKey(key)]);
    const found = await this.#runners.find(names, (message) =>
      this.#emit({ type: "step.waiting", step: run.info.id, message, reason: "runner" }),
    );
    for (const { key } of missing) {
      const open = found.get(key);
      const scoped = found.get(this.#cache.scopedKey(key));
      if (open !== undefined) known.set(key, { snapshot: open, isScoped: false });
      else if (scoped !== undefined) known.set(key, { snapshot: scoped, isScoped: true });
    }
  }
}
