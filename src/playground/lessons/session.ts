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
import { bytesFile, textOfBytes } from "../project/project-file.ts";
import { selectedSet } from "../project/selection.ts";
import { ShareError } from "../project/share.ts";
import { hasEnded, type PageContainer, startedContainers } from "../running/containers.ts";
import { entries, type ShellEntry } from "../shell/shell.ts";
import { buildFacts } from "./build-facts.ts";
import { fileBytes } from "./file-contents.ts";
import {
  type GivenProject,
  givenBytes,
  lessonProjectId,
  readGivenProject,
  seedName,
} from "./given-project.ts";
import type { Lesson, LessonBuild, LessonCommand, LessonRun, LessonState } from "./lesson.ts";
import { advance, isRight, readProgress, writeProgress } from "./progress.ts";

/** Number of completed steps by lesson, stored in the browser. */
export const progress = signal(readProgress(preferences.readJson("lessons")));

const sessions = new Map<string, LessonSession>();

/** Returns the session of a lesson, which lives as long as the page. */
export function sessionOf(lesson: Lesson): LessonSession {
  const session = sessions.get(lesson.id) ?? new LessonSession(lesson);
  sessions.set(lesson.id, session);
  return session;
}

/**
 * An open lesson. Its project replaces the user's own project until the learner leaves; returning restores the state of
 * the lesson.
 */
export class LessonSession {
  readonly lesson: Lesson;
  /** Key under which the browser stores the project of the lesson. */
  readonly draft: string;
  readonly builds: Signal<readonly LessonBuild[]> = signal([]);
  /** The last wrong answer. */
  readonly wrong: Signal<string | undefined> = signal(undefined);
  /** The error of the last request for facts about an image. */
  readonly fault: Signal<unknown> = signal(undefined);
  /** Counts how often the lesson was started. */
  readonly round = signal(0);
  readonly done = computed(() => Math.min(progress.value.get(this.lesson.id) ?? 0, this.lesson.steps.length));
  readonly state = computed((): LessonState => {
    const sent = selectedSet.value;
    return {
      dockerfile: dockerfileText.value,
      isChanged: (path) => textInMemory(path) !== textOfBytes(this.#beginning(path)),
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
   * Numbers of the last container before the lesson, and of the last container and shell line before the current step.
   */
  readonly #marks = signal({ lesson: 0, step: 0, line: 0 });
  /** The project of the link, which replaces the initial project of the lesson. */
  readonly given: Signal<GivenProject | undefined> = signal(undefined);
  /** Whether the link contains an invalid project. */
  readonly isGivenUnreadable: Signal<boolean> = signal(false);
  #restoreOwn: (() => void) | undefined;
  #restoreLesson: (() => void) | undefined;
  #isFresh = false;
  #stop: (() => void) | undefined;
  #aborter = new AbortController();
  /** Builds whose facts were requested. */
  readonly #seen = new WeakSet<CurrentBuild>();

  constructor(lesson: Lesson) {
    this.lesson = lesson;
    this.draft = lessonProjectId(lesson.id);
  }

  /**
   * Opens the project of the lesson: the stored draft or the initial project.
   * @param project encoded project of a link, which replaces the initial project
   */
  async enter(project?: string): Promise<void> {
    this.#restoreOwn = saveAll();
    this.#aborter = new AbortController();
    const { signal } = this.#aborter;
    await this.#useGiven(project);
    if (signal.aborted) return;
    if (this.#isFresh) await this.#begin();
    else if (this.#restoreLesson !== undefined) this.#restoreLesson();
    else await openDraft(this.draft, () => this.#begin(), signal);
    if (signal.aborted) return;
    if (this.#restoreLesson === undefined) currentBuild.value = undefined;
    if (this.#isFresh || this.#restoreLesson === undefined) this.#markStep(lastOf(startedContainers.peek()));
    this.#isFresh = false;
    currentPlan.value = undefined;
    const stops = [effect(() => this.#watchBuild()), effect(() => this.#tick())];
    this.#stop = () => {
      for (const stop of stops) stop();
    };
  }

  /** Restores the user's own project. */
  leave(): void {
    this.#aborter.abort();
    // Without this check, a project that was never opened would be saved.
    if (this.#stop !== undefined) this.#restoreLesson = this.#isFresh ? undefined : saveAll();
    this.#stop?.();
    this.#stop = undefined;
    this.#restoreOwn?.();
    this.#restoreOwn = undefined;
  }

  /** Resets the lesson and removes its containers. The page then opens the project again. */
  restart(): void {
    this.#forget();
    this.round.value++;
  }

  /** Restarts with the lesson's own project instead of the project of the link. */
  useOwn(): void {
    preferences.store(this.#givenName, undefined);
    this.restart();
  }

  get #givenName(): string {
    return `${this.draft}.given`;
  }

  async #useGiven(project: string | undefined): Promise<void> {
    const kept = preferences.read(this.#givenName);
    const used = project ?? kept;
    this.isGivenUnreadable.value = false;
    let given: GivenProject | undefined;
    try {
      given = used === undefined ? undefined : await readGivenProject(used);
    } catch (error) {
      if (!(error instanceof ShareError)) throw error;
      this.isGivenUnreadable.value = true;
    }
    this.given.value = given;
    if (project === undefined || project === kept || given === undefined) return;
    preferences.store(this.#givenName, project);
    this.#forget();
  }

  #forget(): void {
    this.#isFresh = true;
    forgetBuild(this.draft);
    this.builds.value = [];
    this.wrong.value = undefined;
    for (const container of startedContainers.peek()) {
      if (container.number > this.#marks.peek().lesson) container.remove();
    }
    this.#setDone(0);
  }

  answer(name: string): void {
    const done = this.done.peek();
    if (isRight(this.lesson, done, name, this.state.peek())) this.#setDone(done + 1);
    else this.wrong.value = name;
  }

  /** Completes a step that cannot be done on this server. */
  skip(): void {
    this.#setDone(Math.min(this.done.peek() + 1, this.lesson.steps.length));
  }

  async #begin(): Promise<void> {
    const { id, files: contents, runs } = this.lesson;
    const given = this.given.peek();
    preferences.store(seedName(this.draft), newProjectId());
    const names = given === undefined ? Object.keys(contents) : [...given.contents.keys()];
    const begun = names.map((path) => [path, bytesFile(this.#beginning(path))] as const);
    await openProject(new Map(begun), {
      id: this.draft,
      tag: `${learnerName()}/${id}${runs ? "" : ":1"}`,
      ...(given?.dockerfile !== undefined && { dockerfile: given.dockerfile }),
    });
  }

  /** Returns the initial contents of a file; empty for other files. */
  #beginning(path: string): Uint8Array<ArrayBuffer> {
    const values = { unique: preferences.read(seedName(this.draft)) ?? "", host: location.host };
    const given = this.given.value;
    if (given !== undefined) return givenBytes(given, path, values);
    return fileBytes(this.lesson.files[path] ?? [], values);
  }

  /** Starts a new step: containers and commands until now belong to earlier steps. */
  #markStep(lesson = this.#marks.peek().lesson): void {
    this.#marks.value = { lesson, step: lastOf(startedContainers.peek()), line: lastOf(entries.peek()) };
  }

  #tick(): void {
    const done = advance(this.lesson, this.done.value, this.state.value);
    if (done > this.done.peek()) this.#setDone(done);
  }

  #setDone(done: number): void {
    batch(() => {
      this.wrong.value = undefined;
      this.#markStep();
      progress.value = new Map(progress.peek()).set(this.lesson.id, done);
    });
    preferences.store("lessons", writeProgress(progress.peek()));
  }

  #watchBuild(): void {
    const build = currentBuild.value;
    const result = build?.log.result.value;
    if (build === undefined || result === undefined || this.#seen.has(build)) return;
    this.#seen.add(build);
    const round = this.round.peek();
    buildFacts(build, result).then(
      (facts) => {
        if (round !== this.round.peek()) return;
        this.fault.value = undefined;
        this.builds.value = [...this.builds.peek(), facts];
      },
      (error: unknown) => {
        this.fault.value = error;
      },
    );
  }
}

/** Returns the first part of image names, which is random so that learners do not share repositories. */
function learnerName(): string {
  const name = preferences.read("learner") ?? `lessons-${newProjectId().slice(0, 5)}`;
  preferences.store("learner", name);
  return name;
}

/** Saves the open project and its last build. @returns a function that restores them */
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

function runOf({ request, state, output }: PageContainer, isEarlier: boolean): LessonRun {
  const now = state.value;
  return {
    command: [request.entrypoint, ...request.command].filter(Boolean).join(" "),
    mounts: request.mounts.map(({ type }) => type),
    output: output.value,
    code: now.kind === "exited" ? now.code : undefined,
    isRunning: now.kind === "running" && !hasEnded(now),
    isEarlier,
  };
}

function commandOf({ line, output, code }: ShellEntry): LessonCommand[] {
  return code.value === undefined ? [] : [{ line, output: output.value, code: code.value }];
}
