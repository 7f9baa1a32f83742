import type { StepInfo } from "../../../schemas/events.ts";
import type { ResolvedImage } from "../../registry/image-resolver.ts";
import { spend } from "../../streams/turns.ts";
import { BuildError } from "../errors.ts";
import type { Selection, SelectionLine } from "../keys/selections.ts";
import type { LayerSettings } from "../keys/step-key.ts";
import {
  ignoresParent,
  type KeyedStep,
  type KeyInputs,
  StepKeys,
  UnknownInputError,
} from "../keys/step-keys.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { type FileState, inputsOf, type Step } from "../plan/step.ts";
import type { PreviewContext, PreviewContexts } from "./preview-context.ts";

/** A step's cache key, as far as it is known without building or fetching. */
export interface KeyPreview {
  info: StepInfo;
  /** Undefined when unknown: `unknown` or `error` has the reason. */
  keyed?: KeyedStep;
  unknown?: string;
  error?: BuildError;
  /** Whether the build cache may be queried: the key contains only files that the caller has uploaded. */
  mayLookUp: boolean;
}

interface KeyPreviewOptions {
  plan: BuildPlan;
  images: readonly (ResolvedImage | undefined)[];
  contexts: PreviewContexts;
  settings: LayerSettings;
  idOf: (step: Step) => string;
}

/** Computes the definition-based keys of all steps of a plan. */
export async function previewKeys(options: KeyPreviewOptions): Promise<KeyPreview[]> {
  const { plan, settings, idOf } = options;
  const keys = new StepKeys({ plan, inputs: offlineInputs(options), settings, idOf });
  const previews: KeyPreview[] = [];
  for (const step of plan.steps) {
    const info = keys.infos[step.index] as StepInfo;
    try {
      const keyed = await keys.key(step.index);
      previews.push({ info, keyed, mayLookUp: await mayLookUp(keyed, options.contexts, previews) });
    } catch (error) {
      if (!(error instanceof BuildError || error instanceof UnknownInputError)) throw error;
      const isFirst = !inputsOf(step.definition).some(
        (state) => state.kind === "step" && previews[state.step]?.keyed === undefined,
      );
      const failure = error instanceof BuildError && isFirst ? { error } : {};
      previews.push({ info, unknown: error.message, mayLookUp: false, ...failure });
    }
  }
  return previews;
}

/** Key inputs that are known without building or fetching. */
function offlineInputs({ plan, images, contexts }: KeyPreviewOptions): KeyInputs {
  return {
    imageDigest(index) {
      const image = images[index];
      if (image !== undefined) return image.manifestDigest;
      const name = plan.images[index]?.reference ?? "";
      throw new UnknownInputError(`The image ${name} is not stored here, so its files are not known.`);
    },
    context(name) {
      const context = contexts.get(name);
      if (context !== undefined) return context;
      throw new UnknownInputError(
        name === undefined
          ? "It reads the build context, and none was given."
          : `It reads the context "${name}", which was not given.`,
      );
    },
    async remoteKey(source) {
      throw new UnknownInputError(
        source.kind === "http"
          ? `It depends on the contents of ${source.url}, which are not fetched for a plan.`
          : `It depends on the repository ${source.remote}, which is not fetched for a plan.`,
      );
    },
  };
}

async function mayLookUp(
  { step: { definition }, selections }: KeyedStep,
  contexts: PreviewContexts,
  earlier: readonly KeyPreview[],
): Promise<boolean> {
  const [parent, ...others] = inputsOf(definition);
  const mayLookUpState = (state: FileState) =>
    state.kind !== "step" || earlier[state.step]?.mayLookUp === true;
  for (const selection of selections) if (!(await isInOneContext(selection, contexts))) return false;
  if (!others.every(mayLookUpState)) return false;
  if (parent === undefined || ignoresParent(definition)) return true;
  return parent.kind === "context" ? isWholeUploaded(contexts.get(parent.name)) : mayLookUpState(parent);
}

/** Cost of reading a file of a listing. */
const FILE = 4096;

async function isWholeUploaded(context: PreviewContext | undefined): Promise<boolean> {
  if (context === undefined) return false;
  for (const { digest } of context.tree.places()) {
    const turn = spend(FILE);
    if (turn !== undefined) await turn;
    if (!context.isUploaded(digest)) return false;
  }
  return true;
}

/** Whether all files of a selection were uploaded with the same context. */
async function isInOneContext(selection: Selection, contexts: PreviewContexts): Promise<boolean> {
  for (const context of contexts.values()) if (await isSelectionUploaded(selection, context)) return true;
  return false;
}

async function isSelectionUploaded({ lines }: Selection, context: PreviewContext): Promise<boolean> {
  for await (const line of lines()) {
    const turn = spend(FILE);
    if (turn !== undefined) await turn;
    const [, { digest }] = JSON.parse(line) as SelectionLine;
    if (digest !== undefined && !context.isUploaded(digest)) return false;
  }
  return true;
}
