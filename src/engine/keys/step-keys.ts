import type { StepInfo } from "../../../schemas/events.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { BuildContext } from "../contexts.ts";
import { isIndependent } from "../copy/copy.ts";
import { BuildError } from "../errors.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import {
  type FileState,
  type FilesSource,
  type GitSource,
  type HttpSource,
  inputsOf,
  type Step,
  type StepDefinition,
  type TransferSource,
} from "../plan/step.ts";
import { type Selection, selectEntries, selectionBudget } from "./selections.ts";
import { type LayerSettings, type StepParts, stepKey, stepParts } from "./step-key.ts";
import { sourcesOf } from "./step-sources.ts";

/** A step and its definition-based cache key, which is known before the step executes. */
export interface KeyedStep {
  step: Step;
  info: StepInfo;
  parts: StepParts;
  key: string;
  /** The sources that the step reads besides its parent. */
  sources: readonly TransferSource[];
  /** Display names of the sources, in the same order. */
  sourceNames: readonly string[];
  /** The files that its sources in contexts select. */
  selections: readonly Selection[];
  /** Display name of its parent, a step or an image. */
  parentName: string;
}

/** The inputs of keys that are not in the plan. Each function may throw `UnknownInputError`. */
export interface KeyInputs {
  /** Manifest digest of an image, by its index in `BuildPlan.images`. */
  imageDigest(index: number): string;
  context(name: string | undefined): BuildContext;
  /** Identity of the current contents of a remote source. @throws {BuildError} */
  remoteKey(source: HttpSource | GitSource): Promise<string>;
}

/** A key depends on a value that is known only after a download or a step. */
export class UnknownInputError extends Error {
  override name = "UnknownInputError";
}

interface StepKeysOptions {
  plan: BuildPlan;
  inputs: KeyInputs;
  settings: LayerSettings;
  /** Returns the id of a step in events. */
  idOf: (step: Step) => string;
}

/** Whether a step does not depend on its parent tree. */
export function ignoresParent(definition: StepDefinition): boolean {
  return (definition.kind === "copy" || definition.kind === "add") && isIndependent(definition);
}

/** The `--exclude` patterns of a step. */
export function excludesOf(definition: StepDefinition): readonly string[] {
  return "excludes" in definition ? definition.excludes : [];
}

/** Adds the lines of a step to build errors thrown by `work`. */
export function withStepLines<T>({ description }: Step, work: () => Promise<T>): Promise<T> {
  return withLines(description.lines, work);
}

/** Adds lines of the Dockerfile to build errors thrown by `work`. */
export async function withLines<T>(lines: LineRange, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError && error.lines === undefined) throw error.at(lines);
    throw error;
  }
}

/** Adds the id of a step to build errors thrown by `work`. */
export async function withStep<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BuildError && error.step === undefined) error.step = id;
    throw error;
  }
}

/** The identity of a source or parent within a key, and its display name. */
interface KeyInput {
  identity: string;
  name: string;
}

/**
 * Computes the definition-based cache keys of the steps of one plan. The key of an earlier step represents the files
 * that a later step reads from it. Remote sources are fetched first, because their content is part of the key.
 */
export class StepKeys {
  readonly infos: readonly StepInfo[];
  readonly #options: StepKeysOptions;
  readonly #keys = new Map<number, Promise<KeyedStep>>();
  /** Sources by step, cached so that each source is one object; those of mounts are created on demand. */
  readonly #sources = new Map<number, readonly TransferSource[]>();
  readonly #selections = new Map<TransferSource, Promise<Selection>>();
  readonly #budget = selectionBudget();

  constructor(options: StepKeysOptions) {
    const { plan, idOf } = options;
    this.#options = options;
    this.infos = plan.steps.map((step) => ({
      id: idOf(step),
      name: step.description.name,
      stage: plan.stages[step.description.stage]?.name ?? "",
      platform: formatPlatform(plan.platform),
      lines: step.description.lines,
    }));
  }

  /**
   * Finds the context sources of all steps, so that a build with a missing source fails before it starts.
   * @throws {BuildError} with the lines of the step
   */
  async selectAll(): Promise<void> {
    for (const step of this.#options.plan.steps) {
      await withStepLines(step, async () => {
        for (const source of this.#sourcesOf(step)) await this.#selectionOf(source, step.definition);
      });
    }
  }

  /**
   * The key of a step, computed once.
   * @throws {BuildError} with the lines of the step whose source cannot be read
   * @throws {UnknownInputError}
   */
  key(index: number): Promise<KeyedStep> {
    let key = this.#keys.get(index);
    if (key === undefined) {
      const step = this.#options.plan.steps[index] as Step;
      key = withStepLines(step, () => this.#compute(step));
      this.#keys.set(index, key);
    }
    return key;
  }

  /** Whether the key of a step, including those it builds on, is known without a download. */
  isLocal(index: number): boolean {
    const step = this.#options.plan.steps[index] as Step;
    if (this.#sourcesOf(step).some(isRemoteSource)) return false;
    return inputsOf(step.definition).every((state) => state.kind !== "step" || this.isLocal(state.step));
  }

  async #compute(step: Step): Promise<KeyedStep> {
    const { definition } = step;
    const sources = this.#sourcesOf(step);
    const [parent, ...inputs] = await Promise.all([
      ignoresParent(definition) ? { identity: "", name: "" } : this.#tree(definition.parent),
      ...sources.map((source) => this.#source(source, definition)),
    ]);
    const selections = await Promise.all(sources.map((source) => this.#selectionOf(source, definition)));
    const identities = inputs.map(({ identity }) => identity);
    const parts = stepParts(
      definition,
      { parent: parent.identity, sources: identities },
      this.#options.settings,
    );
    return {
      step,
      info: this.infos[step.index] as StepInfo,
      parts,
      key: stepKey(parts),
      sources,
      sourceNames: inputs.map(({ name }) => name),
      selections: selections.filter((selection) => selection !== undefined),
      parentName: this.#nameOf(definition.parent),
    };
  }

  #sourcesOf({ index, definition }: Step): readonly TransferSource[] {
    let sources = this.#sources.get(index);
    if (sources === undefined) {
      sources = sourcesOf(definition);
      this.#sources.set(index, sources);
    }
    return sources;
  }

  async #source(source: TransferSource, definition: StepDefinition): Promise<KeyInput> {
    switch (source.kind) {
      case "inline":
        return { identity: "inline", name: source.name };
      case "http":
        return { identity: await this.#options.inputs.remoteKey(source), name: source.url };
      case "git":
        return { identity: await this.#options.inputs.remoteKey(source), name: source.remote };
      case "files": {
        const selection = await this.#selectionOf(source, definition);
        if (selection !== undefined) return { identity: selection.digest, name: source.path };
        const { identity, name } = await this.#tree(source.from);
        return { identity: `${identity} ${source.path}`, name };
      }
    }
  }

  async #tree(state: FileState): Promise<KeyInput> {
    return { identity: await this.#identity(state), name: this.#nameOf(state) };
  }

  async #identity(state: FileState): Promise<string> {
    switch (state.kind) {
      case "scratch":
        return "scratch";
      case "image":
        return this.#options.inputs.imageDigest(state.image);
      case "step":
        return (await this.key(state.step)).key;
      case "context":
        return this.#options.inputs.context(state.name).digest;
    }
  }

  /** The context files that a source selects; undefined for other sources. @throws {BuildError} `source-not-found` */
  async #selectionOf(source: TransferSource, definition: StepDefinition): Promise<Selection | undefined> {
    if (source.kind !== "files" || source.from.kind !== "context") return undefined;
    const known = this.#selections.get(source);
    if (known !== undefined) return known;
    const { tree } = this.#options.inputs.context(source.from.name);
    const selection = selectEntries(contextSource(source, tree), excludesOf(definition), this.#budget);
    this.#selections.set(source, selection);
    return selection;
  }

  #nameOf(state: FileState): string {
    if (state.kind === "image") return this.#options.plan.images[state.image]?.reference ?? "";
    if (state.kind === "step") return this.infos[state.step]?.name ?? "";
    return state.kind;
  }
}

/** Whether a source must be downloaded. */
export function isRemoteSource(source: TransferSource): source is HttpSource | GitSource {
  return source.kind === "http" || source.kind === "git";
}

/** A source in a context, as COPY reads it. */
function contextSource(
  { from, path, parents }: FilesSource,
  tree: BuildContext["tree"],
): Parameters<typeof selectEntries>[0] {
  const ref = (from.kind === "context" ? from.name : undefined) ?? "context";
  return { tree, ref, path, keepOwner: false, ...(parents !== undefined && { parents }) };
}
