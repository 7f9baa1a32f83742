import type { StepInfo } from "../../schemas/events.ts";
import type { LineRange } from "../dockerfile/instruction.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ResolvedImage } from "../registry/image-resolver.ts";
import type { Tree } from "../rootfs/tree.ts";
import { isIndependent } from "./copy/copy.ts";
import { BuildError } from "./errors.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import type { FileState, Step, StepDefinition, TransferSource } from "./plan/step.ts";
import { type Selection, select } from "./selections.ts";
import type { Sources } from "./sources.ts";
import { type LayerSettings, type StepParts, stepKey, stepParts } from "./step-key.ts";
import { sourcesOf } from "./step-sources.ts";

/** An uploaded context, as a build sees it: without what its ignore file hides. */
export interface BuildContext {
  /** Digest of the listing. */
  digest: string;
  tree: Tree;
}

/** Contexts of a build by name; the main one is without a name. */
export type BuildContexts = ReadonlyMap<string | undefined, BuildContext>;

/** @throws BuildError `context-unknown` */
export function contextOf(contexts: BuildContexts, name: string | undefined): BuildContext {
  const context = contexts.get(name);
  if (context !== undefined) return context;
  throw new BuildError("context-unknown", `Cannot read the context "${name ?? ""}": it was not uploaded`);
}

/** A step whose key by its definition is known: nothing needs to be carried out to know it. */
export interface KeyedStep {
  step: Step;
  info: StepInfo;
  parts: StepParts;
  key: string;
  /** What it reads besides the tree it is laid on. */
  sources: readonly TransferSource[];
  /** What its sources are called, in order: for explanations. */
  sourceNames: readonly string[];
  /** What its sources in contexts select. */
  selections: readonly Selection[];
  /** What it is laid on: a step or an image, by name. */
  parentName: string;
  /** When fetching its sources was begun, in milliseconds since 1970, if it has some elsewhere. */
  begun: number | undefined;
}

export interface KeyingOptions {
  plan: BuildPlan;
  /** Images of the plan, in its order. */
  images: readonly ResolvedImage[];
  contexts: BuildContexts;
  /** Opens what lies in contexts. */
  sources: Sources;
  settings: LayerSettings;
  /** Tells the steps of several platforms apart. */
  prefix: string;
  /** Whether somebody is there who carries out RUN. */
  canRun: boolean;
}

/** Whether a step does not look at the tree it is laid on. */
export function isAlone(definition: StepDefinition): boolean {
  return (definition.kind === "copy" || definition.kind === "add") && isIndependent(definition);
}

/** What is left out of the sources of a step. */
export function excludesOf(definition: StepDefinition): readonly string[] {
  return "excludes" in definition ? definition.excludes : [];
}

/** Adds the lines of a step to what goes wrong in it. */
export function atStep<T>({ description }: Step, work: () => Promise<T>): Promise<T> {
  return atLines(description.lines, work);
}

/** Adds the lines that asked for something to what goes wrong in it. */
export async function atLines<T>(lines: LineRange, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError && error.lines === undefined) throw error.at(lines);
    throw error;
  }
}

/** How a source stands in the key of its step. */
interface ToldSource {
  identity: string;
  name: string;
}

/** The steps of a plan, with all that can be known of them before anything is fetched. */
export class PreparedSteps {
  readonly infos: readonly StepInfo[];
  readonly #options: KeyingOptions;
  readonly #sources = new Map<Step, readonly TransferSource[]>();
  readonly #selections = new Map<TransferSource, Selection>();
  readonly #keyed: KeyedStep[] = [];

  private constructor(options: KeyingOptions) {
    const { plan, prefix } = options;
    this.#options = options;
    this.infos = plan.steps.map(({ index, description: { name, stage, lines } }) => ({
      id: `${prefix}${index}`,
      name,
      stage: plan.stages[stage]?.name ?? "",
      platform: formatPlatform(plan.platform),
      lines,
    }));
  }

  /**
   * Finds every source in a context, and so every one that is missing.
   * @throws BuildError with the lines of the step
   */
  static async of(options: KeyingOptions): Promise<PreparedSteps> {
    const prepared = new PreparedSteps(options);
    for (const step of options.plan.steps) await atStep(step, () => prepared.#prepare(step));
    return prepared;
  }

  /**
   * Keys of all steps by their definitions alone: what a step reads of an earlier one is told by that one's key. Of
   * sources elsewhere it must be known what they hold now, so they are fetched; `onFetch` is told of their steps.
   * May be called once.
   * @throws BuildError with the lines of the step
   */
  async key(onFetch: (info: StepInfo) => void, signal: AbortSignal): Promise<readonly KeyedStep[]> {
    for (const step of this.#options.plan.steps) {
      signal.throwIfAborted();
      await atStep(step, () => this.#key(step, onFetch));
    }
    return this.#keyed;
  }

  async #prepare(step: Step): Promise<void> {
    const { definition } = step;
    if (definition.kind === "run" && !this.#options.canRun) {
      throw new BuildError(
        "run-unsupported",
        "RUN cannot be carried out: no runner is connected to this server",
        {
          hint: "Build without RUN, or copy the result of the command into the context.",
        },
      );
    }
    const sources = sourcesOf(definition);
    this.#sources.set(step, sources);
    for (const source of sources) {
      if (source.kind !== "files" || source.from.kind !== "context") continue;
      const opened = await this.#options.sources.open(source);
      this.#selections.set(source, select(opened, excludesOf(definition)));
    }
  }

  async #key(step: Step, onFetch: (info: StepInfo) => void): Promise<void> {
    const { definition } = step;
    const info = this.infos[step.index] as StepInfo;
    const sources = this.#sources.get(step) ?? [];
    const isFetched = sources.some(({ kind }) => kind === "http" || kind === "git");
    const begun = isFetched ? Date.now() : undefined;
    if (isFetched) onFetch(info);
    const told: ToldSource[] = [];
    for (const source of sources) told.push(await this.#tell(source));
    const parent = isAlone(definition) ? "" : this.#identity(definition.parent);
    const identities = told.map(({ identity }) => identity);
    const parts = stepParts(definition, { parent, sources: identities }, this.#options.settings);
    this.#keyed.push({
      step,
      info,
      parts,
      key: stepKey(parts),
      sources,
      sourceNames: told.map(({ name }) => name),
      selections: sources.flatMap((source) => this.#selections.get(source) ?? []),
      parentName: this.#nameOf(definition.parent),
      begun,
    });
  }

  async #tell(source: TransferSource): Promise<ToldSource> {
    switch (source.kind) {
      case "inline":
        return { identity: "inline", name: source.name };
      case "http":
        return { identity: await this.#options.sources.remoteKey(source), name: source.url };
      case "git":
        return { identity: await this.#options.sources.remoteKey(source), name: source.remote };
      case "files": {
        const selection = this.#selections.get(source);
        if (selection !== undefined) return { identity: selection.digest, name: source.path };
        return { identity: `${this.#identity(source.from)} ${source.path}`, name: this.#nameOf(source.from) };
      }
    }
  }

  /** What a tree is, told without having it. */
  #identity(state: FileState): string {
    switch (state.kind) {
      case "scratch":
        return "scratch";
      case "image":
        return (this.#options.images[state.image] as ResolvedImage).manifestDigest;
      case "step":
        return (this.#keyed[state.step] as KeyedStep).key;
      case "context":
        return contextOf(this.#options.contexts, state.name).digest;
    }
  }

  #nameOf(state: FileState): string {
    if (state.kind === "image") return this.#options.plan.images[state.image]?.reference ?? "";
    if (state.kind === "step") return this.infos[state.step]?.name ?? "";
    return state.kind;
  }
}
