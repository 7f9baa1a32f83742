import type { Emit } from "../emit.ts";
import type { KeyedStep } from "../keys/step-keys.ts";
import type { FoundSnapshot, Runners } from "../run/runners.ts";
import { stepsOf } from "./needed-steps.ts";
import type { PreparedPlatform } from "./prepared.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";

/** The result of an earlier build: a stored layer, or a snapshot that a runner still holds. */
export type KnownResult = { record: LayerRecord } | { snapshot: FoundSnapshot; isOfScope: boolean };

/**
 * Results of earlier builds by key. Steps whose keys are known without a download are looked up together, the others
 * one by one.
 */
export class KnownSteps {
  readonly #prepared: PreparedPlatform;
  readonly #cache: StepCache;
  readonly #runners: Runners | undefined;
  readonly #emit: Emit;
  /** Steps that execute regardless of the build cache. */
  readonly fresh: ReadonlySet<number>;
  #loaded: Promise<ReadonlyMap<string, KnownResult>> | undefined;

  /** @param uncached names of stages whose steps execute regardless of the build cache */
  constructor(
    prepared: PreparedPlatform,
    cache: StepCache,
    runners: Runners | undefined,
    uncached: ReadonlySet<string>,
    emit: Emit,
  ) {
    this.#prepared = prepared;
    this.#cache = cache;
    this.#emit = emit;
    this.fresh = stepsOf(prepared.plan, uncached);
    const hasRun = prepared.plan.steps.some(({ definition }) => definition.kind === "run");
    this.#runners = hasRun && !cache.isIgnored ? runners : undefined;
  }

  /** The known result of a step. */
  async find(keyed: KeyedStep): Promise<KnownResult | undefined> {
    const loaded = await this.load();
    if (this.#prepared.keys.isLocal(keyed.step.index)) return loaded.get(keyed.key);
    return (await this.#lookUp([keyed])).get(keyed.key);
  }

  /** Steps with known results, as far as that is known without a download. */
  async indices(): Promise<ReadonlySet<number>> {
    const loaded = await this.load();
    const { plan, keys } = this.#prepared;
    const known = new Set<number>();
    for (const { index } of plan.steps) {
      if (keys.isLocal(index) && loaded.has((await keys.key(index)).key)) known.add(index);
    }
    return known;
  }

  /** Looks up all steps whose keys are known without a download. */
  load(): Promise<ReadonlyMap<string, KnownResult>> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<ReadonlyMap<string, KnownResult>> {
    const { plan, keys } = this.#prepared;
    const local = plan.steps.filter(({ index }) => keys.isLocal(index));
    return this.#lookUp(await Promise.all(local.map(({ index }) => keys.key(index))));
  }

  async #lookUp(steps: readonly KeyedStep[]): Promise<Map<string, KnownResult>> {
    const fresh = new Set(steps.filter(({ step }) => this.fresh.has(step.index)).map(({ key }) => key));
    const all = steps.map(({ key }) => key);
    const known = new Map<string, KnownResult>();
    for (const [key, record] of await this.#cache.find(all, fresh)) known.set(key, { record });
    const missing = all.filter((key) => !known.has(key) && !fresh.has(key));
    const run = steps.find(({ step, key }) => step.definition.kind === "run" && missing.includes(key));
    if (run === undefined || this.#runners === undefined) return known;
    const names = missing.flatMap((key) => [key, this.#cache.scopedKey(key)]);
    const found = await this.#runners.find(names, (message) =>
      this.#emit({ type: "step.waiting", step: run.info.id, message }),
    );
    for (const key of missing) {
      const open = found.get(key);
      const scoped = found.get(this.#cache.scopedKey(key));
      if (open !== undefined) known.set(key, { snapshot: open, isOfScope: false });
      else if (scoped !== undefined) known.set(key, { snapshot: scoped, isOfScope: true });
    }
    return known;
  }
}
