import type { ReadonlySignal } from "@preact/signals";
import type { BuildResult } from "../../../schemas/events.ts";
import type { Efficiency, FileEntry, ImageInspection } from "../../../schemas/images.ts";
import type { PlanResult } from "../../../schemas/plan.ts";
import type { Status } from "../messages.ts";
import type { ProjectOptions } from "../project/project.ts";
import type { LessonData, LessonWords } from "./schema.ts";

/** A build that succeeded while a lesson was open, and what the server says of its image. */
export interface LessonBuild {
  readonly dockerfile: string;
  readonly tag: string;
  /** Steps by their instruction. */
  readonly steps: readonly { readonly instruction: string; readonly status: Status }[];
  readonly result: BuildResult;
  readonly image: ImageInspection;
  readonly efficiency: Efficiency;
  /** Entries of the merged tree. */
  readonly files: readonly FileEntry[];
}

/** A container that was started while a lesson was open. */
export interface LessonRun {
  /** Entrypoint and command. */
  readonly command: string;
  readonly mounts: readonly string[];
  readonly output: string;
  /** Undefined while it runs. */
  readonly code: number | undefined;
  readonly isRunning: boolean;
  /** It was started before the step before was done. */
  readonly isEarlier: boolean;
}

/** A command of the shell that has ended. */
export interface LessonCommand {
  readonly line: string;
  readonly output: string;
  readonly code: number;
}

/** All that a step of a lesson can look at. */
export interface LessonState {
  readonly dockerfile: string;
  /** Whether the project no longer has a file as the lesson began with it. */
  isChanged(path: string): boolean;
  /** Whether a file travels to the server. */
  isSent(path: string): boolean;
  readonly options: ProjectOptions;
  /** What the server says of the project as it is now. */
  readonly plan: PlanResult["platforms"][number] | undefined;
  /** In the order in which they were made. */
  readonly builds: readonly LessonBuild[];
  readonly runs: readonly LessonRun[];
  /** Since the step before was done. */
  readonly commands: readonly LessonCommand[];
}

/** A short tour: a project, and steps that are done with it. */
export interface Lesson extends LessonData {
  readonly words: ReadonlySignal<LessonWords>;
}
