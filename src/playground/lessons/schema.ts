import { z } from "zod";

const path = z.string().min(1);
/** A regular expression without delimiters; `^` and `$` match at line breaks. */
const pattern = z.string().min(1);
const position = z.int().min(0);
const name = z.string().regex(/^[a-z0-9]+$/);

/** Initial contents of a file of a lesson. */
const fileContents = z.union([
  /**
   * Lines of text. `{unique}` is a new value each time a lesson starts, so that the server's build cache has no results
   * of other learners; `{host}` is the host of the server.
   */
  z.array(z.string()),
  z.strictObject({ repeat: z.string(), times: z.int().min(1) }),
  /** This many pseudo-random characters, always the same, which hardly compress. */
  z.strictObject({ digits: z.int().min(1) }),
  /** A tar archive of text files by path. */
  z.strictObject({ archive: z.record(path, z.string()) }),
]);

/** Matches a container that was started since the current step began. */
const ran = z.strictObject({
  /** Matches entrypoint and command, joined by spaces. */
  command: pattern.optional(),
  output: pattern.optional(),
  /** The container has exited, and its output does not match this. */
  lacks: pattern.optional(),
  code: z.int().optional(),
  /** Types of its mounts. */
  mounts: z.array(z.enum(["volume", "bind", "tmpfs"])).optional(),
  /** Whether it runs or has exited. With this field, containers of earlier steps match too. */
  running: z.boolean().optional(),
});

/**
 * The condition of a task: all given fields must be true. Fields about builds refer to the last build, or compare it
 * with the one before.
 */
const condition = z.strictObject({
  built: z.literal(true).optional(),
  /** Paths that the image has, or does not have. */
  has: z.array(path).optional(),
  lacks: z.array(path).optional(),
  /** Number of layers. */
  layers: z.int().optional(),
  /** Indices of layers that are the same as in the previous image, or are not. */
  keeps: z.array(position).optional(),
  replaces: z.array(position).optional(),
  /** Paths whose current version is not in the first layer. */
  overwrites: z.array(path).optional(),
  /** A layer after the first makes the image smaller by more than this many bytes. */
  hides: z.int().optional(),
  /** The files of all layers have fewer bytes in total. */
  below: z.int().optional(),
  /** Patterns for config fields. Lists are joined with spaces; for objects the keys are. */
  config: z.record(z.string(), pattern).optional(),
  /** Matches the Dockerfile of the build. */
  dockerfile: pattern.optional(),
  /** Steps that hit or missed the build cache. Each pattern must match at least one step. */
  hits: z.array(pattern).optional(),
  misses: z.array(pattern).optional(),
  /** The same for the plan of the current project. */
  planHits: z.array(pattern).optional(),
  planMisses: z.array(pattern).optional(),
  /** Minimum number of stages in the plan. */
  stages: z.int().optional(),
  /** A stage of the plan copies from another stage. */
  copies: z.literal(true).optional(),
  /** The plan has a stage that the target does not need. */
  unneeded: z.literal(true).optional(),
  /** A target stage is selected. */
  target: z.literal(true).optional(),
  /** Name of a build argument that is set. */
  buildArg: z.string().optional(),
  tag: z.enum(["same", "other"]).optional(),
  digest: z.enum(["same", "other"]).optional(),
  architecture: z.literal("other").optional(),
  /** Minimum number of manifests. */
  manifests: z.int().optional(),
  /** Files that differ from their initial contents, are in the build context, or are ignored. */
  changed: z.array(path).optional(),
  sent: z.array(path).optional(),
  ignored: z.array(path).optional(),
  ran: ran.optional(),
  /** A shell command that finished since the current step began. */
  shell: z
    .strictObject({ command: pattern, output: pattern.optional(), code: z.int().optional() })
    .optional(),
});
export type Condition = z.infer<typeof condition>;

const baseStep = {
  id: name,
  /** Tab of the last image's page to link to. */
  see: z.enum(["layers", "objects", "config"]).optional(),
  /** Shows the digests of the last two images. */
  showsDigests: z.boolean().optional(),
  /** Lines to write or read, the same in every language. The page can run docker commands among them. */
  code: z.array(z.string()).optional(),
  /** The earlier step that starts the container of this step with `--name`. `isEnded`: the container may have ended. */
  needs: z.strictObject({ step: name, isEnded: z.literal(true).optional() }).optional(),
  /** Output of the command, shown to learners without a runner. */
  prints: z.array(z.string()).optional(),
};

const taskStep = z.strictObject({ kind: z.literal("task"), ...baseStep, check: condition });
const questionStep = z.strictObject({
  kind: z.literal("question"),
  ...baseStep,
  /** Names of the answers in display order. */
  answers: z.array(name).min(2),
  right: name,
  /** Whether the question is about an image, so that a build is required first. */
  needsBuild: z.boolean().optional(),
});

/** A lesson without its texts, from `data/<id>.json`. */
export const lessonData = z.strictObject({
  /** The id in addresses. */
  id: name,
  /** Whether the lesson starts containers from the server's base image. */
  runs: z.boolean().optional(),
  /** Initial project. */
  files: z.record(path, fileContents),
  steps: z.array(z.discriminatedUnion("kind", [taskStep, questionStep])).min(1),
});
export type LessonData = z.infer<typeof lessonData>;
export type QuestionStep = z.infer<typeof questionStep>;
export type LessonStep = LessonData["steps"][number];
export type FileContents = z.infer<typeof fileContents>;

/** One or more sentences, with code between backticks. */
const prose = z.string().min(1);

/** The texts of one step. */
const stepTexts = z.strictObject({
  /** The task or question. */
  task: prose,
  hint: prose,
  /** The explanation after the step. */
  after: prose,
  /** Texts of the answers by name. */
  answers: z.record(z.string(), prose).optional(),
  /** Alternative text when a runner is connected. `{host}` is the host of the server. */
  withRunner: prose.optional(),
});
export type StepWords = z.infer<typeof stepTexts>;

/** The texts of a lesson in one language, from `texts/<lesson>.<language>.json`. */
export const lessonTexts = z.strictObject({
  title: z.string().min(1),
  question: prose,
  steps: z.record(z.string(), stepTexts),
});
export type LessonWords = z.infer<typeof lessonTexts>;
