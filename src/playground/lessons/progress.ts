import { isConditionMet } from "./condition.ts";
import type { Lesson, LessonState } from "./lesson.ts";
import type { QuestionStep } from "./schema.ts";

/** Completes tasks in order while their conditions are true. @returns the number of completed steps */
export function advance({ steps }: Pick<Lesson, "steps">, done: number, state: LessonState): number {
  const step = steps[done];
  if (step?.kind !== "task" || !isConditionMet(step.check, state)) return done;
  // Commands and containers count for one step only.
  return advance({ steps }, done + 1, {
    ...state,
    commands: [],
    runs: state.runs.map((run) => ({ ...run, isEarlier: true })),
  });
}

export function isAnswerable({ needsBuild }: QuestionStep, { builds }: LessonState): boolean {
  return !needsBuild || builds.length > 0;
}

/** Whether an answer to the current question is right. */
export function isRight({ steps }: Lesson, done: number, answer: string, state: LessonState): boolean {
  const step = steps[done];
  return step?.kind === "question" && isAnswerable(step, state) && step.right === answer;
}

/** Reads the stored numbers of completed steps by lesson. Drops invalid entries. */
export function readProgress(stored: unknown): Map<string, number> {
  if (typeof stored !== "object" || stored === null) return new Map();
  const entries = Object.entries(stored).filter((entry): entry is [string, number] => {
    const [, done] = entry;
    return Number.isSafeInteger(done) && done >= 0;
  });
  return new Map(entries);
}

export function writeProgress(progress: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(progress));
}
