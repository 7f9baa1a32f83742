import { batch, computed, effect, type Signal, signal } from "@preact/signals";
import { preferences } from "../browser/storage.ts";
import { type CurrentBuild, currentBuild, forgetBuild } from "../building/current-build.ts";
import { currentPlan } from "../building/planning.ts";
import { openDraft } from "../project/draft.ts";
import {
  dockerfileText,
  inputs,
  newProjectId,
  openProject,
  options,
  saveProject,
  textInMemory,
} from "../project/project.ts";
import { bytesFile, decodeText } from "../project/project-file.ts";
import { selectedSet } from "../project/selection.ts";
import { ShareError } from "../project/share.ts";
import { type PageContainer, startedContainers } from "../running/containers.ts";
import { entries, type ShellEntry } from "../shell/shell.ts";
import { buildFacts } from "./build-facts.ts";
import { fileBytes } from "./file-contents.ts";
import type { Lesson, LessonBuild, LessonCommand, LessonRun, LessonState } from "./lesson.ts";
import {
  type LinkedProject,
  lessonProjectId,
  linkedFileBytes,
  readLinkedProject,
  seedName,
} from "./linked-project.ts";
import { advance, isRight, readProgress, writeProgress } from "./progress.ts";

/** Number of completed steps by lesson, stored in the browser. */
export const progress = signal(readProgress(preferences.readJson("lessons")));

const sessions = new Map<string, LessonSession>();

/** Returns the session of a lesson. It lives as long as the page. */
export function sessionOf(lesson: Lesson): LessonSession {
  const session = sessions.get(lesson.id) ?? new LessonSession(lesson);
  sessions.set(lesson.id, session);
  return session;
}

/**
 * The state of a lesson. While the lesson is open, its project replaces the user's own project. Leaving the lesson and
 * opening it again restores its state.
 */
export class LessonSession {
  readonly lesson: Lesson;
  /** Id of the lesson's project, under which the browser stores it. */
  readonly projectId: string;
  readonly builds: Signal<readonly LessonBuild[]> = signal([]);
  /** The last answer if it was wrong. */
  readonly wrongAnswer: Signal<string | undefined> = signal(undefined);
  /** The error of the last request for facts about a build. */
  readonly factsError: Signal<unknown> = signal(undefined);
  /** Incremented when the lesson is restarted. */
  readonly restarts = signal(0);
  readonly done = computed(() => Math.min(progress.value.get(this.lesson.id) ?? 0, this.lesson.steps.length));
  readonly state = computed((): LessonState => {
    const sent = selectedSet.value;
    return {
      dockerfile: dockerfileText.value,
      isChanged: (path) => textInMemory(path) !== decodeText(this.#initialContents(path)),
      isSent: (path) => sent.has(path),
      options: options.value,
      plan: currentPlan.value?.inputs === inputs.value ? currentPlan.value.result?.platforms[0] : undefined,
      builds: this.builds.value,
      runs: startedContainers.value
        .filter(({ number }) => number > this.#marks.value.lesson)
        .map((container) => runOf(container, container.number <= this.#marks.value.step)),
      commands: entries.value.filter(({ number }) => number > this.#marks.value.line).flatMap(commandOf),
    };
  });
  /**
   * Numbers of the last container before the lesson (`lesson`), and of the last container and the last shell line before
   * the current step (`step`, `line`).
   */
  readonly #marks = signal({ lesson: 0, step: 0, line: 0 });
  /** The project of a link, which replaces the initial project of the lesson. */
  readonly linkedProject: Signal<LinkedProject | undefined> = signal(undefined);
  /** Whether the link contains an invalid project. */
  readonly isLinkInvalid: Signal<boolean> = signal(false);
  #restoreOwn: (() => void) | undefined;
  #restoreLesson: (() => void) | undefined;
  /** Whether the lesson was reset and its initial project is not open yet. */
  #isFresh = false;
  #stop: (() => void) | undefined;
  #aborter = new AbortController();
  /** Builds whose facts were requested. */
  readonly #seen = new WeakSet<CurrentBuild>();

  constructor(lesson: Lesson) {
    this.lesson = lesson;
    this.projectId = lessonProjectId(lesson.id);
  }

  /**
   * Opens the project of the lesson: the stored draft or the initial project.
   * @param project the encoded project of a link, which replaces the initial project
   */
  async enter(project?: string): Promise<void> {
    this.#restoreOwn = saveAll();
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    await this.#readLink(project);
    if (signal.aborted) return;
    if (this.#isFresh) await this.#openInitialProject();
    else if (this.#restoreLesson !== undefined) this.#restoreLesson();
    else await openDraft(this.projectId, () => this.#openInitialProject(), signal);
    if (signal.aborted) return;
    if (this.#restoreLesson === undefined) currentBuild.value = undefined;
    if (this.#isFresh || this.#restoreLesson === undefined) this.#markStep(lastOf(startedContainers.peek()));
    this.#isFresh = false;
    currentPlan.value = undefined;
    const stops = [effect(() => this.#collectFacts()), effect(() => this.#completeTasks())];
    this.#stop = () => {
      for (const stop of stops) stop();
    };
  }

  /** Restores the user's own project. */
  leave(): void {
    this.#aborter.abort();
    // Do not save the user's own project as that of the lesson, when the lesson was left before its project was open.
    if (this.#stop !== undefined) this.#restoreLesson = this.#isFresh ? undefined : saveAll();
    this.#stop?.();
    this.#stop = undefined;
    this.#restoreOwn?.();
    this.#restoreOwn = undefined;
  }

  /** Resets the lesson and removes its containers. The page then enters the lesson again. */
  restart(): void {
    this.#reset();
    this.restarts.value++;
  }

  /** Restarts with the lesson's own project instead of the project of the link. */
  useLessonProject(): void {
    preferences.store(this.#linkName, undefined);
    this.restart();
  }

  get #linkName(): string {
    return `${this.projectId}.given`;
  }

  async #readLink(project: string | undefined): Promise<void> {
    const stored = preferences.read(this.#linkName);
    const used = project ?? stored;
    this.isLinkInvalid.value = false;
    let linked: LinkedProject | undefined;
    try {
      linked = used === undefined ? undefined : await readLinkedProject(used);
    } catch (error) {
      if (!(error instanceof ShareError)) throw error;
      this.isLinkInvalid.value = true;
    }
    this.linkedProject.value = linked;
    if (project === undefined || project === stored || linked === undefined) return;
    preferences.store(this.#linkName, project);
    this.#reset();
  }

  #reset(): void {
    this.#isFresh = true;
    forgetBuild(this.projectId);
    this.builds.value = [];
    this.wrongAnswer.value = undefined;
    for (const container of startedContainers.peek()) {
      if (container.number > this.#marks.peek().lesson) container.remove();
    }
    this.#setDone(0);
  }

  answer(name: string): void {
    const done = this.done.peek();
    if (isRight(this.lesson, done, name, this.state.peek())) this.#setDone(done + 1);
    else this.wrongAnswer.value = name;
  }

  /** Completes a step that is impossible on this server. */
  skip(): void {
    this.#setDone(Math.min(this.done.peek() + 1, this.lesson.steps.length));
  }

  async #openInitialProject(): Promise<void> {
    const { id, files: contents, runs } = this.lesson;
    const linked = this.linkedProject.peek();
    preferences.store(seedName(this.projectId), newProjectId());
    const names = linked === undefined ? Object.keys(contents) : [...linked.contents.keys()];
    const begun = names.map((path) => [path, bytesFile(this.#initialContents(path))] as const);
    await openProject(new Map(begun), {
      id: this.projectId,
      tag: `${learnerName()}/${id}${runs ? "" : ":1"}`,
      ...(linked?.dockerfile !== undefined && { dockerfile: linked.dockerfile }),
    });
  }

  /** Returns the initial contents of a file; empty for a file that the learner added. */
  #initialContents(path: string): Uint8Array<ArrayBuffer> {
    const values = { unique: preferences.read(seedName(this.projectId)) ?? "", host: location.host };
    const linked = this.linkedProject.value;
    if (linked !== undefined) return linkedFileBytes(linked, path, values);
    return fileBytes(this.lesson.files[path] ?? [], values);
  }

  /** Starts a new step: all containers and commands so far belong to earlier steps. */
  #markStep(lesson = this.#marks.peek().lesson): void {
    this.#marks.value = { lesson, step: lastOf(startedContainers.peek()), line: lastOf(entries.peek()) };
  }

  #completeTasks(): void {
    const done = advance(this.lesson, this.done.value, this.state.value);
    if (done > this.done.peek()) this.#setDone(done);
  }

  #setDone(done: number): void {
    batch(() => {
      this.wrongAnswer.value = undefined;
      this.#markStep();
      progress.value = new Map(progress.peek()).set(this.lesson.id, done);
    });
    preferences.store("lessons", writeProgress(progress.peek()));
  }

  #collectFacts(): void {
    const build = currentBuild.value;
    const result = build?.log.result.value;
    if (build === undefined || result === undefined || this.#seen.has(build)) return;
    this.#seen.add(build);
    const restarts = this.restarts.peek();
    buildFacts(build, result).then(
      (facts) => {
        if (restarts !== this.restarts.peek()) return;
        this.factsError.value = undefined;
        this.builds.value = [...this.builds.peek(), facts];
      },
      (error: unknown) => {
        this.factsError.value = error;
      },
    );
  }
}

/** Returns the first part of image names. It is random, so that learners do not share repositories. */
function learnerName(): string {
  const name = preferences.read("learner") ?? `lessons-${newProjectId().slice(0, 5)}`;
  preferences.store("learner", name);
  return name;
}

/** Saves the open project and its last build. @returns a function that restores both */
function saveAll(): () => void {
  const build = currentBuild.peek();
  const restore = saveProject();
  return () => {
    restore();
    currentBuild.value = build;
  };
}

function lastOf(numbered: readonly { readonly number: number }[]): number {
  return numbered.at(-1)?.number ?? 0;
}

function runOf({ title, request, state, output }: PageContainer, isEarlier: boolean): LessonRun {
  const now = state.value;
  return {
    command: title,
    mounts: request.mounts.map(({ type }) => type),
    output: output.value,
    code: now.kind === "exited" ? now.code : undefined,
    isRunning: now.kind === "running",
    isEarlier,
  };
}

function commandOf({ line, output, code }: ShellEntry): LessonCommand[] {
  return code.value === undefined ? [] : [{ line, output: output.value, code: code.value }];
}
