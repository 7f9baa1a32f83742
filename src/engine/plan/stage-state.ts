import type { LineRange } from "../../dockerfile/instruction.ts";
import type { Platform } from "../../oci/platform.ts";
import type { Budget } from "./budget.ts";
import { defaultPath, type ImageDraft, inherit, sizeOf } from "./image-draft.ts";
import { nextWorkdir, slashed } from "./os-path.ts";
import { Scope } from "./scope.ts";
import type { FileState } from "./step.ts";

/** What a stage starts from when its base is no other stage. */
export interface Base {
  readonly files: FileState;
  readonly image: ImageDraft;
  readonly platform: Platform;
  /** False when the image could not be read: it may set variables that are not known. */
  readonly isKnown: boolean;
}

/** Instructions of which only the last counts. */
export type Unique = "CMD" | "ENTRYPOINT" | "HEALTHCHECK";

/** A stage at one place of its evaluation. Instructions change it. */
export interface StageState {
  readonly platform: Platform;
  readonly scope: Scope;
  readonly image: ImageDraft;
  /** ARG instructions so far with their last values, those of the stages below first. */
  readonly args: Map<string, string | undefined>;
  files: FileState;
  /** WORKDIR in forward slashes; empty when neither the base nor the stage says one. */
  workdir: string;
  /** WORKDIR was used in this Dockerfile: a relative one does not depend on the base any more. */
  isWorkdirSet: boolean;
  /** Where an instruction of these was seen in this stage. */
  readonly seen: Map<Unique, LineRange>;
}

/** A base as if it were a stage that nothing is added to. */
export function asStage(base: Base, { patternWork }: Budget): StageState {
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

/** A stage that is built on another, before its first instruction. */
export function stageOn(base: StageState, budget: Budget): StageState {
  budget.entries(sizeOf(base.image) + 2 * base.scope.size + base.args.size);
  return start({
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

/** Makes variables and directory those that the config says: an ENV of the base wins over an ARG of it. */
function start(state: StageState): StageState {
  const { image, scope, platform } = state;
  const { settings } = image;
  if (!settings.env.has("PATH") && platform.os !== "windows") settings.env.set("PATH", defaultPath);
  for (const [name, value] of settings.env.pairs()) scope.set(name, value);
  if (settings.workingDir !== "") {
    settings.workingDir = nextWorkdir(settings.workingDir, settings.workingDir, platform.os);
    state.workdir = slashed(settings.workingDir, platform.os);
  }
  return state;
}
