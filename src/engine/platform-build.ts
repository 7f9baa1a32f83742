import type { StepInfo } from "../../schemas/events.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import { BuildTrees, imageStep, type Run } from "./build-trees.ts";
import { whyCarriedOut } from "./differences.ts";
import { BuildError } from "./errors.ts";
import { type Executed, execute, timesOf } from "./execute.ts";
import type { PlatformImage } from "./export.ts";
import {
  atLines,
  atStep,
  type BuildContexts,
  contextOf,
  excludesOf,
  isAlone,
  type KeyedStep,
  PreparedSteps,
} from "./keyed-step.ts";
import { LayerWriter } from "./layer-writer.ts";
import { neededSteps, stepsOf } from "./needed-steps.ts";
import type { BuildPlan, PlannedImage } from "./plan/build-plan.ts";
import type { FileState } from "./plan/step.ts";
import { MountedTrees } from "./run/mounted-trees.ts";
import { RunSteps } from "./run/run-steps.ts";
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
  /** Stages whose steps are carried out whatever the build cache has. */
  uncached?: ReadonlySet<string>;
  /** Image that is built: its cache mounts are its own. */
  scope: string;
  /** Steps of the last build of the same image. */
  trail: Trail | undefined;
}

/** Builds one plan: finds what is known, carries out the rest, and says which layers came out. */
export class PlatformBuild {
  readonly #options: PlatformBuildOptions;
  readonly #prepared: PreparedSteps;

  private constructor(options: PlatformBuildOptions, prepared: PreparedSteps) {
    this.#options = options;
    this.#prepared = prepared;
  }

  /**
   * Finds every source of the contexts.
   * @throws BuildError with the lines of the step: a source that is not there, a RUN
   */
  static async open(options: PlatformBuildOptions): Promise<PlatformBuild> {
    const { contexts, remotes } = options;
    const sources = new Sources(remotes, async (state) => {
      return contextOf(contexts, state.kind === "context" ? state.name : undefined).tree;
    });
    return new PlatformBuild(
      options,
      await PreparedSteps.of({ ...options, sources, canRun: options.world.runners !== undefined }),
    );
  }

  /** What there is to do, images first. */
  get steps(): StepInfo[] {
    const { plan, prefix } = this.#options;
    const platform = formatPlatform(plan.platform);
    const images = plan.images.map(({ name, lines }, index) => {
      return { id: imageStep(prefix, index), name, stage: "", platform, lines };
    });
    return [...images, ...this.#prepared.infos];
  }

  /** Carries out what is not known; may be called once. */
  async run(run: Run): Promise<{ image: PlatformImage; trail: Trail }> {
    const { plan, cache, settings, uncached = new Set<string>() } = this.#options;
    const all = await this.#prepared.key(({ id }) => run.emit({ type: "step.start", step: id }), run.signal);
    const fresh = [...stepsOf(plan, uncached)].map((index) => (all[index] as KeyedStep).key);
    const known = await cache.find(
      all.map(({ key }) => key),
      new Set(fresh),
    );
    const needed = neededSteps(plan, (index) => known.has((all[index] as KeyedStep).key));
    const layers = new Map(known);
    const work = new PlatformRun(this.#options, all, run);
    for (const keyed of all) {
      const record = known.get(keyed.key);
      if (needed.has(keyed.step.index)) {
        run.signal.throwIfAborted();
        layers.set(keyed.key, await atStep(keyed.step, () => work.step(keyed, record)));
      } else if (keyed.begun !== undefined && record !== undefined) {
        work.found(keyed, record);
      }
    }
    const result = await work.trees.snapshot(plan.result.files);
    const base = baseOf(all, plan.result.files);
    if (base.kind === "image") {
      const { lines } = plan.images[base.image] as PlannedImage;
      await atLines(lines, () => work.trees.fetch(base.image));
    }
    const created = new Date((plan.epoch ?? settings.epoch) * 1000).toISOString().replace(".000Z", "Z");
    return {
      image: { plan, layers: result.layers, created, tree: () => result.tree() },
      trail: newTrail(all, layers, this.#options.trail),
    };
  }
}

/** What the lowest step of a tree is laid on: an image there is part of the result, so its layers must be here. */
function baseOf(all: readonly KeyedStep[], state: FileState): FileState {
  let base = state;
  while (base.kind === "step") base = (all[base.step] as KeyedStep).step.definition.parent;
  return base;
}

/** What the next build is compared with; of a step that was not needed, what was known before. */
function newTrail(
  all: readonly KeyedStep[],
  layers: ReadonlyMap<string, LayerRecord>,
  last: Trail | undefined,
): Trail {
  const steps = all.map((keyed): TrailStep => {
    const { step, info, parts, key } = keyed;
    const layer = layers.get(key) ?? ancestorStep(last, all, keyed)?.layer;
    const { createdBy, variables } = step.description;
    return { stage: info.stage, instruction: createdBy, variables, parts, layer };
  });
  return { steps };
}

/** The carrying out of one plan. */
class PlatformRun {
  readonly #options: PlatformBuildOptions;
  readonly #keyed: readonly KeyedStep[];
  readonly #run: Run;
  readonly #writer: LayerWriter;
  readonly #sources: Sources;
  readonly #runs: RunSteps;
  /** Steps that are carried out whatever the build cache has. */
  readonly #fresh: ReadonlySet<number>;
  readonly trees: BuildTrees;

  constructor(options: PlatformBuildOptions, keyed: readonly KeyedStep[], run: Run) {
    const { world, cache, settings, images, contexts, remotes, prefix, scope } = options;
    this.#options = options;
    this.#keyed = keyed;
    this.#run = run;
    this.#fresh = stepsOf(options.plan, options.uncached ?? new Set());
    this.#writer = new LayerWriter(world, cache, settings);
    this.trees = new BuildTrees(images, contexts, world, this.#writer, run, prefix);
    this.#sources = new Sources(remotes, (state) => this.trees.tree(state));
    const mounted = new MountedTrees(this.trees, this.#writer, timesOf(settings), run.signal);
    this.#runs = new RunSteps({ world, trees: mounted, settings, run, cache, scope });
  }

  /** The layer of a step, known or carried out now. */
  async step(keyed: KeyedStep, known: LayerRecord | undefined): Promise<LayerRecord> {
    const { index, definition } = keyed.step;
    const parent = await this.trees.snapshot(definition.parent);
    const record =
      known === undefined
        ? await inStep(keyed.info.id, () => this.#carryOut(keyed, parent))
        : this.found(keyed, known);
    this.trees.finish(index, this.trees.snapshots.extend(parent, record));
    return record;
  }

  /** Says that the layer of a step was known. */
  found({ info }: KeyedStep, record: LayerRecord): LayerRecord {
    this.#run.emit({ type: "step.cached", step: info.id, layer: record.layer });
    return record;
  }

  async #carryOut(keyed: KeyedStep, parent: Snapshot): Promise<LayerRecord> {
    const { info, key } = keyed;
    const { cache, world, trail } = this.#options;
    const { emit, signal } = this.#run;
    const began = keyed.begun ?? Date.now();
    if (keyed.begun === undefined) emit({ type: "step.start", step: info.id });
    const resultKey = stepKey(await this.#partsByContent(keyed, parent));
    const isFresh = this.#fresh.has(keyed.step.index);
    const same = (await cache.find([resultKey], new Set(isFresh ? [resultKey] : []))).get(resultKey);
    if (same !== undefined) {
      await cache.put(same, [key]);
      return this.found(keyed, same);
    }
    const ancestor = ancestorStep(trail, this.#keyed, keyed);
    for (const selection of keyed.selections) await saveSelection(world.store, selection);
    const explained =
      cache.isIgnored || isFresh
        ? { why: "The build cache was not to be used.", differences: [] }
        : await whyCarriedOut(world.store, trail, ancestor, keyed);
    const { record, reused } = await this.#execute(keyed, parent, (executed) => {
      for (const { code, message } of executed.warnings) {
        emit({ type: "warning", rule: code, message, file: "Dockerfile", line: info.lines.start });
      }
      const report = (current: number, total: number) =>
        emit({ type: "step.progress", step: info.id, message: "writing layer", current, total });
      return this.#writer.write(executed, ancestor?.layer, signal, report);
    });
    await cache.put(record, [key, resultKey]);
    const milliseconds = Date.now() - began;
    emit({ type: "step.done", step: info.id, layer: record.layer, reused, milliseconds, ...explained });
    return record;
  }

  /** Does what a step says, and has it used as long as it can be read. */
  async #execute<T>(
    { step: { definition, description }, info }: KeyedStep,
    parent: Snapshot,
    use: (executed: Executed) => Promise<T>,
  ): Promise<T> {
    if (definition.kind === "run")
      return this.#runs.carryOut(info.id, { definition, description }, parent, use);
    return use(await execute(definition, parent, this.#sources, this.#options.settings));
  }

  /** The definition with what its inputs really are: a step on equal files with equal sources gives an equal layer. */
  async #partsByContent(
    { step: { definition }, sources: reads, parts }: KeyedStep,
    { chainId }: Snapshot,
  ): Promise<StepParts> {
    const parent = isAlone(definition) ? "" : chainId || "scratch";
    const sources: string[] = [];
    for (const [index, source] of reads.entries()) {
      const isMade = source.kind === "files" && source.from.kind !== "context";
      const told = parts.sources[index] ?? "";
      const excludes = excludesOf(definition);
      sources.push(isMade ? select(await this.#sources.open(source), excludes).digest : told);
    }
    return { ...parts, parent, sources };
  }
}

/** Says in what goes wrong which step was being carried out. */
async function inStep<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError) error.step = id;
    throw error;
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
