import type { Lesson, LessonState } from "./lesson.ts";

/** How many steps are done, when so many were before: what the state fulfils is ticked off, in order. */
export function advance({ steps }: Lesson, done: number, state: LessonState): number {
  let now = done;
  for (let step = steps[now]; step?.kind === "task" && step.check(state); step = steps[now]) now++;
  return now;
}

/** Whether an answer to the step that one is at is the right one. */
export function isRight({ steps }: Lesson, done: number, answer: string, state: LessonState): boolean {
  const step = steps[done];
  return step?.kind === "question" && step.right(state) === answer;
}

/** Steps done by the id of their lesson, as a browser kept them: whatever else it kept counts as none. */
export function readProgress(kept: string | undefined): Map<string, number> {
  let read: unknown;
  try {
    read = JSON.parse(kept ?? "{}");
  } catch {
    return new Map();
  }
  if (typeof read !== "object" || read === null) return new Map();
  const entries = Object.entries(read).filter((entry): entry is [string, number] => {
    const [, done] = entry;
    return Number.isSafeInteger(done) && done >= 0;
  });
  return new Map(entries);
}

export function writeProgress(progress: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(progress));
}
