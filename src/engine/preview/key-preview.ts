import type { StepInfo } from "../../../schemas/events.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import { BuildError } from "../errors.ts";
import { excludesOf, isAlone, type KeyedStep } from "../keyed-step.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import type { FileState, Step, TransferSource } from "../plan/step.ts";
import { type Selection, type SelectionLine, select } from "../selections.ts";
import { type LayerSettings, stepKey, stepParts } from "../step-key.ts";
import { sourcesOf } from "../step-sources.ts";
import type { PreviewContext, PreviewContexts } from "./preview-context.ts";

/** What can be told of a step's cache key without building or fetching anything. */
export interface KeyPreview {
  info: StepInfo;
  /** Undefined when it cannot be told: `unknown` says why, or `error` what is wrong. */
  keyed?: KeyedStep;
  unknown?: string;
  error?: BuildError;
  /** The build cache may be asked: everything that the key is made of is the sender's. */
  mayAsk: boolean;
}

export interface KeyPreviewOptions {
  plan: BuildPlan;
  images: readonly (ResolvedImage | undefined)[];
  contexts: PreviewContexts;
  settings: LayerSettings;
  prefix: string;
}

/** How a source or a parent stands in a key. */
interface ToldInput {
  identity: string;
  name: string;
  mayAsk: boolean;
  selection?: Selection;
}

/** Cannot be known without building or fetching. */
class UnknownInput extends Error {
  override name = "UnknownInput";
}

/** Keys of all steps of a plan, by their definitions. */
export async function previewKeys(options: KeyPreviewOptions): Promise<KeyPreview[]> {
  const previews: KeyPreview[] = [];
  for (const step of options.plan.steps) previews.push(previewKey(options, previews, step));
  return previews;
}

function previewKey(options: KeyPreviewOptions, earlier: readonly KeyPreview[], step: Step): KeyPreview {
  const { plan, prefix, settings } = options;
  const { definition, description } = step;
  const info: StepInfo = {
    id: `${prefix}${step.index}`,
    name: description.name,
    stage: plan.stages[description.stage]?.name ?? "",
    platform: formatPlatform(plan.platform),
    lines: description.lines,
  };
  const inputs = new Inputs(options, earlier);
  try {
    const sources = sourcesOf(definition);
    const told = sources.map((source) => inputs.source(source, excludesOf(definition)));
    const parent = inputs.tree(definition.parent);
    const identities = told.map(({ identity }) => identity);
    const parts = stepParts(
      definition,
      { parent: isAlone(definition) ? "" : parent.identity, sources: identities },
      settings,
    );
    return {
      info,
      mayAsk: (isAlone(definition) || parent.mayAsk) && told.every(({ mayAsk }) => mayAsk),
      keyed: {
        step,
        info,
        parts,
        key: stepKey(parts),
        sources,
        sourceNames: told.map(({ name }) => name),
        selections: told.flatMap(({ selection }) => selection ?? []),
        parentName: parent.name,
        begun: undefined,
      },
    };
  } catch (error) {
    if (error instanceof UnknownInput) return { info, mayAsk: false, unknown: error.message };
    if (!(error instanceof BuildError)) throw error;
    return { info, mayAsk: false, unknown: error.message, error: error.at(description.lines) };
  }
}

/** Tells what a step reads. @throws UnknownInput, BuildError */
class Inputs {
  readonly #options: KeyPreviewOptions;
  readonly #earlier: readonly KeyPreview[];

  constructor(options: KeyPreviewOptions, earlier: readonly KeyPreview[]) {
    this.#options = options;
    this.#earlier = earlier;
  }

  source(source: TransferSource, excludes: readonly string[]): ToldInput {
    switch (source.kind) {
      case "inline":
        return { identity: "inline", name: source.name, mayAsk: true };
      case "http":
        throw new UnknownInput(`It depends on what ${source.url} gives, which is not fetched here.`);
      case "git":
        throw new UnknownInput(`It depends on the repository ${source.remote}, which is not fetched here.`);
      case "files": {
        if (source.from.kind !== "context") {
          const tree = this.tree(source.from);
          return { ...tree, identity: `${tree.identity} ${source.path}` };
        }
        const { tree, isOwn } = this.#context(source.from.name);
        const selection = select(
          {
            tree,
            ref: source.from.name ?? "context",
            path: source.path,
            keepOwner: false,
            ...(source.parents !== undefined && { parents: source.parents }),
          },
          excludes,
        );
        return {
          identity: selection.digest,
          name: source.path,
          mayAsk: isAllOwn(selection, isOwn),
          selection,
        };
      }
    }
  }

  tree(state: FileState): ToldInput {
    switch (state.kind) {
      case "scratch":
        return { identity: "scratch", name: "scratch", mayAsk: true };
      case "image": {
        const image = this.#options.images[state.image];
        const name = this.#options.plan.images[state.image]?.reference ?? "";
        if (image === undefined)
          throw new UnknownInput(`The image ${name} is not stored here, so what it holds is not known.`);
        return { identity: image.manifestDigest, name, mayAsk: true };
      }
      case "step": {
        const { info, keyed, unknown, mayAsk } = this.#earlier[state.step] as KeyPreview;
        if (keyed === undefined) throw new UnknownInput(unknown ?? "");
        return { identity: keyed.key, name: info.name, mayAsk };
      }
      case "context": {
        const { digest, tree, isOwn } = this.#context(state.name);
        const mayAsk = [...tree.places()].every((file) => isOwn(file.digest));
        return { identity: digest, name: "context", mayAsk };
      }
    }
  }

  #context(name: string | undefined): PreviewContext {
    const context = this.#options.contexts.get(name);
    if (context !== undefined) return context;
    throw new UnknownInput(
      name === undefined
        ? "It reads the build context, and none was given."
        : `It reads the context "${name}", which was not given.`,
    );
  }
}

function isAllOwn({ lines }: Selection, isOwn: (digest: string) => boolean): boolean {
  for (const line of lines()) {
    const [, { digest }] = JSON.parse(line) as SelectionLine;
    if (digest !== undefined && !isOwn(digest)) return false;
  }
  return true;
}
