import type { StepInfo } from "../../schemas/events.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { ResolvedImage } from "../registry/pull.ts";
import type { Tree } from "../rootfs/tree.ts";
import { isIndependent } from "./copy/copy.ts";
import { BuildError } from "./errors.ts";
import type { BuildPlan } from "./plan/build-plan.ts";
import type { FileState, Step, StepDefinition, TransferDefinition, TransferSource } from "./plan/step.ts";
import { type Selection, select } from "./selections.ts";
import type { Sources } from "./sources.ts";
import { type LayerSettings, type StepParts, stepKey, stepParts } from "./step-key.ts";

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
  /** What its sources are called, in order: for explanations. */
  sourceNames: readonly string[];
  /** What its sources in contexts select. */
  selections: readonly Selection[];
  /** What it is laid on: a step or an image, by name. */
  parentName: string;
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
}

/**
 * Keys of all steps of a plan by their definitions alone: what a step reads of an earlier one is told by that one's
 * key. Finds every source in a context, and so every one that is missing.
 * @throws BuildError with the lines of the step
 */
export async function keySteps(options: KeyingOptions): Promise<KeyedStep[]> {
  const keyer = new StepKeyer(options);
  for (const step of options.plan.steps) await atStep(step, () => keyer.add(step));
  return keyer.keyed;
}

/** Whether a step does not look at the tree it is laid on. */
export function isAlone(definition: StepDefinition): boolean {
  return (definition.kind === "copy" || definition.kind === "add") && isIndependent(definition);
}

/** Adds the lines of a step to what goes wrong in it. */
export async function atStep<T>({ description }: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError && error.lines === undefined) throw error.at(description.lines);
    throw error;
  }
}

/** How a source stands in the key of its step. */
interface ToldSource {
  identity: string;
  name: string;
  selection?: Selection;
}

class StepKeyer {
  readonly #options: KeyingOptions;
  readonly keyed: KeyedStep[] = [];

  constructor(options: KeyingOptions) {
    this.#options = options;
  }

  async add(step: Step): Promise<void> {
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
    const told: ToldSource[] = [];
    if (definition.kind !== "workdir") {
      for (const source of definition.sources) told.push(await this.#tell(definition, source));
    }
    const parent = isAlone(definition) ? "" : this.#identity(definition.parent);
    const parts = stepParts(definition, { parent, sources: told.map(({ identity }) => identity) }, settings);
    this.keyed.push({
      step,
      info: {
        id: `${prefix}${step.index}`,
        name: description.name,
        stage: plan.stages[description.stage]?.name ?? "",
        platform: formatPlatform(plan.platform),
        lines: description.lines,
      },
      parts,
      key: stepKey(parts),
      sourceNames: told.map(({ name }) => name),
      selections: told.flatMap(({ selection }) => selection ?? []),
      parentName: this.#nameOf(definition.parent),
    });
  }

  async #tell(definition: TransferDefinition, source: TransferSource): Promise<ToldSource> {
    const { sources } = this.#options;
    if (source.kind === "inline") return { identity: "inline", name: source.name };
    if (source.kind !== "files") {
      const name = source.kind === "http" ? source.url : source.remote;
      return { identity: await sources.remoteKey(source), name };
    }
    if (source.from.kind !== "context") {
      return { identity: `${this.#identity(source.from)} ${source.path}`, name: this.#nameOf(source.from) };
    }
    const selection = select(await sources.open(source), definition.excludes);
    return { identity: selection.digest, name: source.path, selection };
  }

  /** What a tree is, told without having it. */
  #identity(state: FileState): string {
    switch (state.kind) {
      case "scratch":
        return "scratch";
      case "image":
        return (this.#options.images[state.image] as ResolvedImage).manifestDigest;
      case "step":
        return (this.keyed[state.step] as KeyedStep).key;
      case "context":
        return contextOf(this.#options.contexts, state.name).digest;
    }
  }

  #nameOf(state: FileState): string {
    if (state.kind === "image") return this.#options.plan.images[state.image]?.reference ?? "";
    if (state.kind === "step") return this.keyed[state.step]?.info.name ?? "";
    return state.kind;
  }
}
