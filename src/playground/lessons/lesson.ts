import type { ReadonlySignal } from "@preact/signals";
import type { BuildResult } from "../../../schemas/events.ts";
import type { Efficiency, FileEntry, ImageInspection } from "../../../schemas/images.ts";
import type { PlanResult } from "../../../schemas/plan.ts";
import type { Status } from "../messages.ts";
import type { ProjectOptions } from "../project/project.ts";
import type { LessonData, LessonWords } from "./schema.ts";

/** A successful build during a lesson, with the server's description of its image. */
export interface LessonBuild {
  readonly dockerfile: string;
  readonly tag: string;
  /** Instruction and status of each step. */
  readonly steps: readonly { readonly instruction: string; readonly status: Status }[];
  readonly result: BuildResult;
  readonly image: ImageInspection;
  readonly efficiency: Efficiency;
  /** Entries of the merged file tree. */
  readonly files: readonly FileEntry[];
}

/** A container that was started during a lesson. */
export interface LessonRun {
  /** Entrypoint and command as one text. */
  readonly command: string;
  readonly mounts: readonly string[];
  readonly output: string;
  /** The exit code; undefined while it runs. */
  readonly code: number | undefined;
  readonly isRunning: boolean;
  /** Whether it was started before the current step. */
  readonly isEarlier: boolean;
}

/** A shell command that has finished. */
export interface LessonCommand {
  readonly line: string;
  readonly output: string;
  readonly code: number;
}

/** The facts that the condition of a task can test. */
export interface LessonState {
  readonly dockerfile: string;
  /** Whether a file differs from its initial contents. */
  isChanged(path: string): boolean;
  /** Whether a file is part of the build context. */
  isSent(path: string): boolean;
  readonly options: ProjectOptions;
  /** The server's plan of the current project. */
  readonly plan: PlanResult["platforms"][number] | undefined;
  /** Builds in chronological order. */
  readonly builds: readonly LessonBuild[];
  readonly runs: readonly LessonRun[];
  /** Shell commands of the current step. */
  readonly commands: readonly LessonCommand[];
}

/** A lesson with its texts. */
export interface Lesson extends LessonData {
  readonly words: ReadonlySignal<LessonWords>;
}
