import type { StepInfo } from "../../schemas/events.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ResolvedImage } from "../registry/pull.ts";
import { BuildTrees, imageStep, type Run } from "./build-trees.ts";
import { whyCarriedOut } from "./differences.ts";
import { execute } from "./execute.ts";
import type { PlatformImage } from "./export.ts";
import { atStep, type BuildContexts, contextOf, isAlone, type KeyedStep, keySteps } from "./keyed-step.ts";
import { LayerWriter } from "./layer-writer.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import { type FileState, inputsOf } from "./plan/step.ts";
import { saveSelection, select } from "./selections.ts";
import type { Snapshot } from "./snapshots.ts";
import { type Remotes, Sources } from "./sources.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { type LayerSettings, type StepParts, stepKey } from "./step-key.ts";
import { ancestorOf, type Trail, type TrailStep } from "./trail.ts";
import type { World } from "./world.ts";

export interface PlatformBuildOptions {
  plan: BuildPlan;
  /** Images of the plan, in its order. */
  images: readonly ResolvedImage[];
  contexts: BuildContexts;
  remotes: Remotes;
  world: World;
  cache: StepCache;
  settings: LayerSettings;
  /** Tells the steps of several platforms apart. */
  prefix: string;
  /** Steps of the last build of the same image. */
  trail: Trail | undefined;
}

/** Builds one plan: finds what is known, carries out the rest, and says which layers came out. */
export class PlatformBuild {
  readonly #options: PlatformBuildOptions;
  readonly #keyed: readonly KeyedStep[];

  private constructor(options: PlatformBuildOptions, keyed: readonly KeyedStep[]) {
    this.#options = options;
    this.#keyed = keyed;
  }

  /**
   * Computes the keys of all steps, and so finds every source of the contexts.
   * @throws BuildError with the lines of the step: a source that is not there, a RUN
   */
  static async open(options: PlatformBuildOptions): Promise<PlatformBuild> {
    const { contexts, remotes } = options;
    const sources = new Sources(remotes, async (state) => {
      return contextOf(contexts, state.kind === "context" ? state.name : undefined).tree;
    });
    return new PlatformBuild(options, await keySteps({ ...options, sources }));
  }

  /** What there is to do, images first. */
  get steps(): StepInfo[] {
    const { plan, prefix } = this.#options;
    const platform = formatPlatform(plan.platform);
    const images = plan.images.map(({ name, lines }, index) => {
      return { id: imageStep(prefix, index), name, stage: "", platform, lines };
    });
    return [...images, ...this.#keyed.map(({ info }) => info)];
  }

  /** Carries out what is not known; may be called once. */
  async run(run: Run): Promise<{ image: PlatformImage; trail: Trail }> {
    const { plan, cache, settings } = this.#options;
    const known = await cache.find(this.#keyed.map(({ key }) => key));
    const needed = this.#needed(known);
    const layers = new Map(known);
    const work = new PlatformRun(this.#options, this.#keyed, run);
    for (const keyed of this.#keyed) {
      if (!needed.has(keyed.step.index)) continue;
      run.signal.throwIfAborted();
      layers.set(keyed.key, await atStep(keyed.step, () => work.step(keyed, known.get(keyed.key))));
    }
    const result = await work.trees.snapshot(plan.result.files);
    const base = this.#baseOf(plan.result.files);
    if (base.kind === "image") await work.trees.fetch(base.image);
    const created = new Date((plan.epoch ?? settings.epoch) * 1000).toISOString().replace(".000Z", "Z");
    return { image: { plan, layers: result.layers, created }, trail: this.#trailOf(layers) };
  }

  /** Steps whose layers or files the result is made of: the sources of a step that is known are not. */
  #needed(known: ReadonlyMap<string, LayerRecord>): Set<number> {
    const needed = new Set<number>();
    const need = (state: FileState): void => {
      if (state.kind !== "step" || needed.has(state.step)) return;
      needed.add(state.step);
      const { step, key } = this.#keyed[state.step] as KeyedStep;
      if (known.has(key)) need(step.definition.parent);
      else inputsOf(step.definition).forEach(need);
    };
    need(this.#options.plan.result.files);
    return needed;
  }

  /** What the lowest step of a tree is laid on: an image there is part of the result, so its layers must be here. */
  #baseOf(state: FileState): FileState {
    let base = state;
    while (base.kind === "step") base = (this.#keyed[base.step] as KeyedStep).step.definition.parent;
    return base;
  }

  /** What the next build is compared with; of a step that was not needed, what was known before. */
  #trailOf(layers: ReadonlyMap<string, LayerRecord>): Trail {
    const { trail } = this.#options;
    const steps = this.#keyed.map((keyed): TrailStep => {
      const { step, info, parts, key } = keyed;
      const layer = layers.get(key) ?? ancestorStep(trail, this.#keyed, keyed)?.layer;
      return { stage: info.stage, instruction: step.description.createdBy, parts, layer };
    });
    return { steps };
  }
}

/** The carrying out of one plan. */
class PlatformRun {
  readonly #options: PlatformBuildOptions;
  readonly #keyed: readonly KeyedStep[];
  readonly #run: Run;
  readonly #writer: LayerWriter;
  readonly #sources: Sources;
  readonly trees: BuildTrees;

  constructor(options: PlatformBuildOptions, keyed: readonly KeyedStep[], run: Run) {
    const { world, cache, settings, images, contexts, remotes, prefix } = options;
    this.#options = options;
    this.#keyed = keyed;
    this.#run = run;
    this.#writer = new LayerWriter(world, cache, settings);
    this.trees = new BuildTrees(images, contexts, world, this.#writer, run, prefix);
    this.#sources = new Sources(remotes, (state) => this.trees.tree(state));
  }

  /** The layer of a step, known or carried out now. */
  async step(keyed: KeyedStep, known: LayerRecord | undefined): Promise<LayerRecord> {
    const { index, definition } = keyed.step;
    const parent = await this.trees.snapshot(definition.parent);
    const record = known === undefined ? await this.#carryOut(keyed, parent) : this.#found(keyed, known);
    this.trees.finish(index, this.trees.snapshots.extend(parent, record));
    return record;
  }

  #found({ info }: KeyedStep, record: LayerRecord): LayerRecord {
    this.#run.emit({ type: "step.cached", step: info.id, layer: record.layer });
    return record;
  }

  async #carryOut(keyed: KeyedStep, parent: Snapshot): Promise<LayerRecord> {
    const { info, step, key } = keyed;
    const { cache, settings, world, trail } = this.#options;
    const { emit, signal } = this.#run;
    const began = Date.now();
    emit({ type: "step.start", step: info.id });
    const resultKey = stepKey(await this.#partsByContent(keyed, parent));
    const same = (await cache.find([resultKey])).get(resultKey);
    if (same !== undefined) {
      await cache.put(same, [key]);
      return this.#found(keyed, same);
    }
    const ancestor = ancestorStep(trail, this.#keyed, keyed);
    for (const selection of keyed.selections) await saveSelection(world.store, selection);
    const explained = await whyCarriedOut(world.store, trail, ancestor, keyed);
    const executed = await execute(step.definition, parent, this.#sources, settings);
    for (const { code, message } of executed.warnings) {
      emit({ type: "warning", rule: code, message, file: "Dockerfile", line: info.lines.start });
    }
    const report = (current: number, total: number) =>
      emit({ type: "step.progress", step: info.id, message: "writing layer", current, total });
    const { record, reused } = await this.#writer.write(executed, ancestor?.layer, signal, report);
    await cache.put(record, [key, resultKey]);
    const milliseconds = Date.now() - began;
    emit({ type: "step.done", step: info.id, layer: record.layer, reused, milliseconds, ...explained });
    return record;
  }

  /** The definition with what its inputs really are: a step on equal files with equal sources gives an equal layer. */
  async #partsByContent(
    { step: { definition }, parts }: KeyedStep,
    { chainId }: Snapshot,
  ): Promise<StepParts> {
    const parent = isAlone(definition) ? "" : chainId || "scratch";
    if (definition.kind !== "copy" && definition.kind !== "add") return { ...parts, parent };
    const sources: string[] = [];
    for (const [index, source] of definition.sources.entries()) {
      const isMade = source.kind === "files" && source.from.kind !== "context";
      const told = parts.sources[index] ?? "";
      sources.push(isMade ? select(await this.#sources.open(source), definition.excludes).digest : told);
    }
    return { ...parts, parent, sources };
  }
}

/** The step of the last build that became this one. */
function ancestorStep(
  trail: Trail | undefined,
  all: readonly KeyedStep[],
  { step, info }: KeyedStep,
): TrailStep | undefined {
  const { stage, createdBy } = step.description;
  const earlier = all.filter(
    (other) => other.step.description.stage === stage && other.step.index < step.index,
  );
  return ancestorOf(trail, info.stage, createdBy, earlier.length);
}
