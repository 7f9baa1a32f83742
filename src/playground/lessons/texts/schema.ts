import { z } from "zod";

/** A sentence or several, in which code stands between backticks. */
const prose = z.string().min(1);

/** The texts of one step. */
export const stepTexts = z.strictObject({
  /** What to do, or what is asked. */
  task: prose,
  hint: prose,
  /** What the learner has seen. */
  after: prose,
  /** Texts of the answers by their names. */
  answers: z.record(z.string(), prose).optional(),
  /** Another way, where a runner is connected. */
  withRunner: prose.optional(),
});
export type StepWords = z.infer<typeof stepTexts>;

/** The texts of a lesson in one language: a file `<lesson>.<language>.json` of this folder. */
export const lessonTexts = z.strictObject({
  title: z.string().min(1),
  question: prose,
  steps: z.record(z.string(), stepTexts),
});
export type LessonWords = z.infer<typeof lessonTexts>;
