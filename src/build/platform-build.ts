import type { EventBody, StepInfo } from "../../schemas/events.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ResolvedImage } from "../registry/pull.ts";
import type { Tree } from "../rootfs/tree.ts";
import { isIndependent } from "./copy/copy.ts";
import { whyCarriedOut } from "./differences.ts";
import { BuildError } from "./errors.ts";
import { execute, fixedEpoch } from "./execute.ts";
import type { PlatformImage } from "./export.ts";
import { LayerWriter } from "./layer-writer.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import { type FileState, inputsOf, type Step, type StepDefinition } from "./plan/step.ts";
import { type Selection, saveSelection, select } from "./selections.ts";
import { type Snapshot, Snapshots } from "./snapshots.ts";
import { type Remotes, Sources } from "./sources.ts";
import type { LayerRecord, StepCache } from "./step-cache.ts";
import { type LayerSettings, type StepParts, stepKey, stepParts } from "./step-key.ts";
import { ancestorOf, type Trail, type TrailStep } from "./trail.ts";
import type { World } from "./world.ts";

export type Emit = (event: EventBody) => void;

/** An uploaded context, as a build sees it: without what its ignore file hides. */
export interface BuildContext {
  /** Digest of the listing. */
  digest: string;
  tree: Tree;
}

export interface PlatformBuildOptions {
  plan: BuildPlan;
  /** Images of the plan, in its order. */
  images: readonly ResolvedImage[];
  /** The main context is without a name. */
  contexts: ReadonlyMap<string | undefined, BuildContext>;
  remotes: Remotes;
  world: World;
  cache: StepCache;
  settings: LayerSettings;
  /** Tells the steps of several platforms apart. */
  prefix: string;
  /** Steps of the last build of the same image. */
  trail: Trail | undefined;
}

/** A step whose key by its definition is known: nothing needs to be carried out to know it. */
interface KeyedStep {
  step: Step;
  info: StepInfo;
  parts: StepParts;
  key: string;
  /** What its sources are called, in order: for explanations. */
  sourceNames: readonly string[];
  selections: readonly Selection[];
}

/** Builds one plan: finds what is known, carries out the rest, and says which layers came out. */
export class PlatformBuild {
  readonly #options: PlatformBuildOptions;
  readonly #snapshots: Snapshots;
  readonly #sources: Sources;
  readonly #writer: LayerWriter;
  readonly #keyed: KeyedStep[] = [];
  readonly #results = new Map<number, Snapshot>();
  readonly #fetched = new Map<number, Promise<void>>();
  readonly #contextLayers = new Map<string | undefined, Promise<Snapshot>>();
  readonly #layers = new Map<number, LayerRecord>();
  #emit: Emit = () => {};
  #signal: AbortSignal = new AbortController().signal;

  private constructor(options: PlatformBuildOptions) {
    this.#options = options;
    const { world, cache, settings, remotes } = options;
    this.#snapshots = new Snapshots(world.store);
    this.#sources = new Sources(remotes, (state) => this.#treeOf(state));
    this.#writer = new LayerWriter(world.store, cache, settings);
  }

  /**
   * Computes the keys of all steps, and so finds every source of the contexts.
   * @throws BuildError with the lines of the step: a source that is not there, a RUN
   */
  static async open(options: PlatformBuildOptions): Promise<PlatformBuild> {
    const build = new PlatformBuild(options);
    for (const step of options.plan.steps) {
      build.#keyed.push(await located(step, () => build.#keyOf(step)));
    }
    return build;
  }

  /** What there is to do, images first. */
  get steps(): StepInfo[] {
    const { plan, prefix } = this.#options;
    const platform = formatted(plan);
    const images = plan.images.map(({ name, lines }, index) => ({
      id: `${prefix}image-${index}`,
      name,
      stage: "",
      platform,
      lines,
    }));
    return [...images, ...this.#keyed.map(({ info }) => info)];
  }

  /** Carries out what is not known. Stops between two files when the signal says so. */
  async run(emit: Emit, signal: AbortSignal): Promise<{ image: PlatformImage; trail: Trail }> {
    this.#emit = emit;
    this.#signal = signal;
    const { plan, cache } = this.#options;
    const known = await cache.find(this.#keyed.map(({ key }) => key));
    const needed = this.#needed(known);
    for (const keyed of this.#keyed) {
      if (!needed.has(keyed.step.index)) continue;
      signal.throwIfAborted();
      const record = known.get(keyed.key);
      const layer =
        record === undefined
          ? await located(keyed.step, () => this.#carryOut(keyed))
          : this.#found(keyed, record);
      this.#layers.set(keyed.step.index, layer);
      this.#results.set(
        keyed.step.index,
        this.#snapshots.extend(await this.#snapshot(keyed.step.definition.parent), layer),
      );
    }
    const result = await this.#snapshot(plan.result.files);
    await this.#fetchBase(plan.result.files);
    const created = new Date((plan.epoch ?? fixedEpoch) * 1000).toISOString().replace(".000Z", "Z");
    return { image: { plan, layers: result.layers, created }, trail: this.#trailOf(known) };
  }

  async #keyOf(step: Step): Promise<KeyedStep> {
    const { definition, description } = step;
    const { plan, prefix, settings } = this.#options;
    if (definition.kind === "run") {
      throw new BuildError(
        "run-unsupported",
        "RUN cannot be carried out: no runner is connected to this server",
        {
          hint: "Build without RUN, or copy the result of the command into the context.",
        },
      );
    }
    const told: string[] = [];
    const names: string[] = [];
    const selections: Selection[] = [];
    if (definition.kind !== "workdir") {
      for (const source of definition.sources) {
        if (source.kind === "inline") {
          told.push("inline");
          names.push(source.name);
        } else if (source.kind !== "files") {
          told.push(await this.#sources.remoteKey(source));
          names.push(source.kind === "http" ? source.url : source.remote);
        } else if (source.from.kind === "context") {
          const [opened] = await this.#sources.open({ ...definition, sources: [source] });
          if (opened === undefined) continue;
          const selection = select(opened, definition.excludes);
          told.push(selection.digest);
          names.push(source.path);
          selections.push(selection);
        } else {
          told.push(`${this.#identity(source.from)} ${source.path}`);
          names.push(this.#nameOf(source.from));
        }
      }
    }
    const parent = isAlone(definition) ? "" : this.#identity(definition.parent);
    const parts = stepParts(definition, { parent, sources: told }, settings);
    const info = {
      id: `${prefix}${step.index}`,
      name: description.name,
      stage: plan.stages[description.stage]?.name ?? "",
      platform: formatted(plan),
      lines: description.lines,
    };
    return { step, info, parts, key: stepKey(parts), sourceNames: names, selections };
  }

  /** What a tree is, told without having it. */
  #identity(state: FileState): string {
    switch (state.kind) {
      case "scratch":
        return "scratch";
      case "image":
        return this.#image(state.image).manifestDigest;
      case "step":
        return (this.#keyed[state.step] as KeyedStep).key;
      case "context":
        return this.#context(state.name).digest;
    }
  }

  #nameOf(state: FileState): string {
    const { plan } = this.#options;
    if (state.kind === "image") return plan.images[state.image]?.reference ?? "";
    if (state.kind === "step") return this.#keyed[state.step]?.info.name ?? "";
    return state.kind;
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

  #found(keyed: KeyedStep, layer: LayerRecord): LayerRecord {
    this.#emit({ type: "step.cached", step: keyed.info.id, layer: layer.layer });
    return layer;
  }

  async #carryOut(keyed: KeyedStep): Promise<LayerRecord> {
    const { info, step, key } = keyed;
    const { cache, settings } = this.#options;
    const began = Date.now();
    this.#emit({ type: "step.start", step: info.id });
    const parent = await this.#snapshot(step.definition.parent);
    const resultKey = stepKey(await this.#partsByContent(keyed, parent));
    const same = (await cache.find([resultKey])).get(resultKey);
    if (same !== undefined) {
      await cache.put(same, [key]);
      return this.#found(keyed, same);
    }
    const ancestor = this.#ancestorOf(keyed);
    const differences = await this.#explain(keyed, ancestor);
    const executed = await execute(step.definition, parent, this.#sources, settings);
    for (const { code, message } of executed.warnings) {
      this.#emit({ type: "warning", rule: code, message, file: "Dockerfile", line: info.lines.start });
    }
    const { record, reused } = await this.#writer.write(
      executed,
      ancestor?.layer,
      this.#signal,
      (current, total) =>
        this.#emit({ type: "step.progress", step: info.id, message: "writing layer", current, total }),
    );
    await cache.put(record, [key, resultKey]);
    this.#emit({
      type: "step.done",
      step: info.id,
      layer: record.layer,
      reused,
      milliseconds: Date.now() - began,
      ...differences,
    });
    return record;
  }

  /** The definition with what its inputs really are: a step on equal files with equal sources gives an equal layer. */
  async #partsByContent({ step, parts }: KeyedStep, parent: Snapshot): Promise<StepParts> {
    const { definition } = step;
    const chain = isAlone(definition) ? "" : parent.chainId || "scratch";
    if (definition.kind === "workdir" || definition.kind === "run") return { ...parts, parent: chain };
    const sources: string[] = [];
    for (const [index, source] of definition.sources.entries()) {
      if (source.kind !== "files" || source.from.kind === "context") {
        sources.push(parts.sources[index] ?? "");
        continue;
      }
      const [opened] = await this.#sources.open({ ...definition, sources: [source] });
      if (opened !== undefined) sources.push(select(opened, definition.excludes).digest);
    }
    return { ...parts, parent: chain, sources };
  }

  async #explain(keyed: KeyedStep, ancestor: TrailStep | undefined) {
    const { world, trail } = this.#options;
    for (const selection of keyed.selections) await saveSelection(world.store, selection);
    return whyCarriedOut(world.store, trail, ancestor, {
      instruction: keyed.step.description.createdBy,
      parts: keyed.parts,
      sourceNames: keyed.sourceNames,
      selections: keyed.selections,
      parentName: this.#nameOf(keyed.step.definition.parent),
    });
  }

  /** What the next build is compared with; of a step that was not needed, what was known before. */
  #trailOf(known: ReadonlyMap<string, LayerRecord>): Trail {
    const steps = this.#keyed.map((keyed): TrailStep => {
      const { step, info, parts, key } = keyed;
      const layer = this.#layers.get(step.index) ?? known.get(key) ?? this.#ancestorOf(keyed)?.layer;
      return { stage: info.stage, instruction: step.description.createdBy, parts, layer };
    });
    return { steps };
  }

  #ancestorOf(keyed: KeyedStep): TrailStep | undefined {
    const { info, step } = keyed;
    return ancestorOf(this.#options.trail, info.stage, step.description.createdBy, this.#placeOf(keyed));
  }

  /** Place of a step among those of its stage. */
  #placeOf({ step }: KeyedStep): number {
    const { stage } = step.description;
    return this.#keyed.filter(
      (other) => other.step.description.stage === stage && other.step.index < step.index,
    ).length;
  }

  async #treeOf(state: FileState): Promise<Tree> {
    if (state.kind === "context") return this.#context(state.name).tree;
    return (await this.#snapshot(state)).tree();
  }

  #snapshot(state: FileState): Promise<Snapshot> | Snapshot {
    switch (state.kind) {
      case "scratch":
        return this.#snapshots.scratch;
      case "image":
        return this.#snapshots.image(this.#image(state.image), () => this.#fetch(state.image));
      case "step":
        return this.#results.get(state.step) as Snapshot;
      case "context":
        return this.#contextSnapshot(state.name);
    }
  }

  /** A context that stands in the place of an image: one layer with all its files. */
  #contextSnapshot(name: string | undefined): Promise<Snapshot> {
    let snapshot = this.#contextLayers.get(name);
    if (snapshot === undefined) {
      const { tree } = this.#context(name);
      const entries = function* () {
        for (const node of tree.walk("")) yield { node: { ...node, uid: 0, gid: 0, mtime: fixedEpoch } };
      };
      snapshot = this.#writer
        .write({ entries, warnings: [] }, undefined, this.#signal, () => {})
        .then(({ record }) => this.#snapshots.extend(this.#snapshots.scratch, record));
      this.#contextLayers.set(name, snapshot);
    }
    return snapshot;
  }

  /** The layers of the image that the result stands on: they are part of it, so they must be here. */
  async #fetchBase(state: FileState): Promise<void> {
    let base = state;
    while (base.kind === "step") base = (this.#keyed[base.step] as KeyedStep).step.definition.parent;
    if (base.kind === "image") await this.#fetch(base.image);
  }

  #fetch(index: number): Promise<void> {
    let fetched = this.#fetched.get(index);
    if (fetched === undefined) {
      fetched = this.#fetchLayers(index);
      this.#fetched.set(index, fetched);
    }
    return fetched;
  }

  async #fetchLayers(index: number): Promise<void> {
    const { world, prefix } = this.#options;
    const { reference, manifest } = this.#image(index);
    const step = `${prefix}image-${index}`;
    const began = Date.now();
    this.#emit({ type: "step.start", step });
    for (const layer of manifest.layers) {
      this.#signal.throwIfAborted();
      await world.images.ensureBlob(reference, layer);
      this.#emit({
        type: "step.progress",
        step,
        message: layer.digest,
        current: layer.size,
        total: layer.size,
      });
    }
    const milliseconds = Date.now() - began;
    this.#emit({ type: "step.done", step, reused: false, milliseconds, why: "", differences: [] });
  }

  #image(index: number): ResolvedImage {
    return this.#options.images[index] as ResolvedImage;
  }

  #context(name: string | undefined): BuildContext {
    const context = this.#options.contexts.get(name);
    if (context === undefined) {
      throw new BuildError("context-unknown", `Cannot read the context "${name ?? ""}": it was not uploaded`);
    }
    return context;
  }
}

/** Whether a step does not look at the tree it is laid on. */
function isAlone(definition: StepDefinition): boolean {
  return (definition.kind === "copy" || definition.kind === "add") && isIndependent(definition);
}

function formatted({ platform }: BuildPlan): string {
  return formatPlatform(platform);
}

/** Adds the lines of a step to what goes wrong in it. */
async function located<T>(step: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError && error.lines === undefined) throw error.at(step.description.lines);
    throw error;
  }
}
