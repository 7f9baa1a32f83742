import type { ReadonlySignal } from "@preact/signals";
import type { BuildResult } from "../../../schemas/events.ts";
import type { Efficiency, FileEntry, ImageInspection } from "../../../schemas/images.ts";
import type { PlanResult } from "../../../schemas/plan.ts";
import type { Status } from "../messages.ts";
import type { ProjectOptions } from "../project/project.ts";
import type { LessonWords } from "./texts/schema.ts";

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
}

interface BaseStep {
  readonly id: string;
  /** Part of the last image's page that helps. */
  readonly see?: "layers" | "objects" | "config";
  /** The last two images are named by their digests. */
  readonly showsDigests?: boolean;
  /** What one might write, or what one reads; the same in every language. */
  readonly code?: string;
}

/** Something to be done: it is done when the state says so. */
export interface TaskStep extends BaseStep {
  readonly kind: "task";
  check(state: LessonState): boolean;
}

/** Something to be answered. */
export interface QuestionStep extends BaseStep {
  readonly kind: "question";
  /** Names of the answers, in the order in which they stand; words have their texts. */
  readonly answers: readonly string[];
  /** Name of the right one; undefined while that is not known. */
  right(state: LessonState): string | undefined;
}

export type LessonStep = TaskStep | QuestionStep;

/**
 * Stands in files for a text that is another one each time that a lesson begins: what the lesson says of the build cache
 * is true on a server where others have done it.
 */
export const UNIQUE = "{unique}";

/** A short tour: a project, and steps that are done with it. */
export interface Lesson {
  /** As it stands in addresses. */
  readonly id: string;
  /** Texts by path. `UNIQUE` in them is another text each time that the lesson begins. */
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly LessonStep[];
  readonly words: ReadonlySignal<LessonWords>;
}

/** The last build, and the one before it. */
export function lastTwo({ builds }: LessonState): [LessonBuild, LessonBuild] | undefined {
  const [before, last] = builds.slice(-2);
  return before === undefined || last === undefined ? undefined : [before, last];
}

export function lastBuild({ builds }: LessonState): LessonBuild | undefined {
  return builds.at(-1);
}

/** Whether the image of a build has a path. */
export function has({ files }: LessonBuild, path: string): boolean {
  return files.some((entry) => entry.path === path);
}

/** Digests of the layers of a build's image. */
export function layersOf({ image }: LessonBuild): string[] {
  return image.layers.map(({ digest }) => digest);
}
