import type { LineRange } from "../../dockerfile/instruction.ts";
import type { Platform } from "../../oci/platform.ts";
import type { PlanBudget } from "./budget.ts";
import { DEFAULT_PATH, type ImageDraft, inherit, sizeOf } from "./image-draft.ts";
import { nextWorkdir, toForwardSlashes } from "./os-path.ts";
import { Scope } from "./scope.ts";
import type { FileState } from "./step.ts";

/** The base of a stage that is not another stage. */
export interface Base {
  readonly files: FileState;
  readonly image: ImageDraft;
  readonly platform: Platform;
  /** False when the image was not read: it may set unknown variables. */
  readonly isKnown: boolean;
}

/** Instructions of which only the last one in a stage counts. */
export type Unique = "CMD" | "ENTRYPOINT" | "HEALTHCHECK";

/** The state of a stage during evaluation, which instructions change. */
export interface StageState {
  readonly platform: Platform;
  readonly scope: Scope;
  readonly image: ImageDraft;
  /** ARG instructions so far with their last values, those of lower stages first. */
  readonly args: Map<string, string | undefined>;
  files: FileState;
  /** The working directory with forward slashes; empty when neither the base nor the stage sets it. */
  workdir: string;
  /** Whether this Dockerfile has used WORKDIR, so that a relative one no longer depends on the base. */
  isWorkdirSet: boolean;
  /** Lines of the last of each of these instructions in this stage. */
  readonly seen: Map<Unique, LineRange>;
}

/** The state of a base, as if it were a stage without instructions. */
export function asStage(base: Base, { patternWork }: PlanBudget): StageState {
  return {
    platform: base.platform,
    scope: new Scope([], !base.isKnown, patternWork),
    image: base.image,
    args: new Map(),
    files: base.files,
    workdir: "",
    isWorkdirSet: false,
    seen: new Map(),
  };
}

/** The initial state of a stage built on another one. */
export function stageOn(base: StageState, budget: PlanBudget): StageState {
  budget.entries(sizeOf(base.image) + 2 * base.scope.size + base.args.size);
  return applyConfig({
    platform: base.platform,
    scope: base.scope.copy(),
    image: inherit(base.image),
    args: new Map(base.args),
    files: base.files,
    workdir: base.workdir,
    isWorkdirSet: base.isWorkdirSet,
    seen: new Map(),
  });
}

/** Sets variables and working directory from the config: an ENV of the base overrides an ARG of it. */
function applyConfig(state: StageState): StageState {
  const { image, scope, platform } = state;
  const { settings } = image;
  if (!settings.env.has("PATH") && platform.os !== "windows") settings.env.set("PATH", DEFAULT_PATH);
  for (const [name, value] of settings.env.pairs()) scope.set(name, value);
  if (settings.workingDir !== "") {
    settings.workingDir = nextWorkdir(settings.workingDir, settings.workingDir, platform.os);
    state.workdir = toForwardSlashes(settings.workingDir, platform.os);
  }
  return state;
}
