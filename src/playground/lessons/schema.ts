import { z } from "zod";

const path = z.string().min(1);
/** A regular expression without a delimiter; `^` and `$` match at lines. */
const pattern = z.string().min(1);
const position = z.int().min(0);
const name = z.string().regex(/^[a-z0-9]+$/);

/** Contents of a file of a lesson's project. */
const fileContents = z.union([
  /**
   * Lines. `{unique}` in them is another text each time that the lesson begins, so that what the lesson says of the
   * build cache is true on a server where others have done it; `{host}` is the host of the server.
   */
  z.array(z.string()),
  z.strictObject({ repeat: z.string(), times: z.int().min(1) }),
  /** This many characters without order, always the same, which compression hardly shrinks. */
  z.strictObject({ digits: z.int().min(1) }),
  /** A tar archive of these texts by path. */
  z.strictObject({ archive: z.record(path, z.string()) }),
]);

/** A container that was started since the step before was done. */
const ran = z.strictObject({
  /** Of its entrypoint and command, as words. */
  command: pattern.optional(),
  output: pattern.optional(),
  /** Is not in its output, which is complete. */
  lacks: pattern.optional(),
  code: z.int().optional(),
  /** It has mounts of these types. */
  mounts: z.array(z.enum(["volume", "bind", "tmpfs"])).optional(),
  /** It runs, or has ended. A container of an earlier step counts as well. */
  running: z.boolean().optional(),
});

/** When a task is done: all of what it states holds. Of builds, the last one counts, and the one before it. */
export const condition = z.strictObject({
  built: z.literal(true).optional(),
  /** Paths of the image. */
  has: z.array(path).optional(),
  lacks: z.array(path).optional(),
  /** Number of layers. */
  layers: z.int().optional(),
  /** Positions of layers that are those of the image before, or are not. */
  keeps: z.array(position).optional(),
  replaces: z.array(position).optional(),
  /** Paths that are from another layer than the first. */
  overwrites: z.array(path).optional(),
  /** A layer above the first hides at least so many bytes. */
  hides: z.int().optional(),
  /** Bytes that all files in all layers stay below. */
  below: z.int().optional(),
  /** Fields of the config: lists are joined with spaces, and of objects the names are. */
  config: z.record(z.string(), pattern).optional(),
  /** Of the Dockerfile that was built. */
  dockerfile: pattern.optional(),
  /** Steps that the build found in the cache, or did not. Each pattern matches at least one step. */
  hits: z.array(pattern).optional(),
  misses: z.array(pattern).optional(),
  /** The same of the plan of the project as it is now. */
  planHits: z.array(pattern).optional(),
  planMisses: z.array(pattern).optional(),
  /** Least number of stages in the plan. */
  stages: z.int().optional(),
  /** A stage of the plan copies from another one. */
  copies: z.literal(true).optional(),
  /** The plan has a stage that the result does not need. */
  unneeded: z.literal(true).optional(),
  /** A target is chosen. */
  target: z.literal(true).optional(),
  /** A build argument that is set. */
  buildArg: z.string().optional(),
  tag: z.enum(["same", "other"]).optional(),
  digest: z.enum(["same", "other"]).optional(),
  architecture: z.literal("other").optional(),
  /** Least number of manifests. */
  manifests: z.int().optional(),
  /** Files that are no longer as the lesson began, are sent to the server, or are not. */
  changed: z.array(path).optional(),
  sent: z.array(path).optional(),
  ignored: z.array(path).optional(),
  ran: ran.optional(),
  /** A command of the shell that ended since the step before was done. */
  shell: z
    .strictObject({ command: pattern, output: pattern.optional(), code: z.int().optional() })
    .optional(),
});
export type Condition = z.infer<typeof condition>;

const baseStep = {
  id: name,
  /** Part of the last image's page that helps. */
  see: z.enum(["layers", "objects", "config"]).optional(),
  /** The last two images are named by their digests. */
  showsDigests: z.boolean().optional(),
  /** Lines that the learner may write or read; the same in every language. Commands of docker can be run from there. */
  code: z.array(z.string()).optional(),
  /** What the command prints, for learners without a runner. */
  prints: z.array(z.string()).optional(),
};

/** Something to do. */
export const taskStep = z.strictObject({ kind: z.literal("task"), ...baseStep, check: condition });
/** Something to answer. */
export const questionStep = z.strictObject({
  kind: z.literal("question"),
  ...baseStep,
  /** Names of the answers, in the order of display. */
  answers: z.array(name).min(2),
  right: name,
  /** It is about an image, so there must be one. */
  needsBuild: z.boolean().optional(),
});

/** A lesson without its texts: a file `data/<id>.json`. */
export const lessonData = z.strictObject({
  /** As in addresses. */
  id: name,
  /** It starts containers, from the base image of the server. */
  runs: z.boolean().optional(),
  /** The project with which it begins. */
  files: z.record(path, fileContents),
  steps: z.array(z.discriminatedUnion("kind", [taskStep, questionStep])).min(1),
});
export type LessonData = z.infer<typeof lessonData>;
export type TaskStep = z.infer<typeof taskStep>;
export type QuestionStep = z.infer<typeof questionStep>;
export type LessonStep = LessonData["steps"][number];
export type FileContents = z.infer<typeof fileContents>;

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

/** The texts of a lesson in one language: a file `texts/<lesson>.<language>.json`. */
export const lessonTexts = z.strictObject({
  title: z.string().min(1),
  question: prose,
  steps: z.record(z.string(), stepTexts),
});
export type LessonWords = z.infer<typeof lessonTexts>;
