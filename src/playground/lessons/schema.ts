import { z } from "zod";

const path = z.string().min(1);
/** A regular expression without delimiters; `^` and `$` match at line breaks. */
const pattern = z.string().min(1);
const position = z.int().min(0);
const name = z.string().regex(/^[a-z0-9]+$/);

/** Initial contents of a file of a lesson. */
const fileContents = z.union([
  /**
   * Lines of text. `{unique}` is a new value for each learner and each restart, so that the server's build cache has no
   * results yet. `{host}` is the host of the server.
   */
  z.array(z.string()),
  z.strictObject({ repeat: z.string(), times: z.int().min(1) }),
  /** Number of pseudo-random characters. They are always the same, and hardly compress. */
  z.strictObject({ digits: z.int().min(1) }),
  /** A tar archive of text files by path. */
  z.strictObject({ archive: z.record(path, z.string()) }),
]);

/** Matches a container that was started during the current step. */
const ran = z.strictObject({
  /** Matches entrypoint and command, joined by spaces. */
  command: pattern.optional(),
  output: pattern.optional(),
  /** The container has exited, and its output does not match this. */
  lacks: pattern.optional(),
  code: z.int().optional(),
  /** Types of its mounts. */
  mounts: z.array(z.enum(["volume", "bind", "tmpfs"])).optional(),
  /** Whether the container is running or has exited. With this field, containers of earlier steps match too. */
  running: z.boolean().optional(),
});

/**
 * The condition of a task. All given fields must be true. Fields about builds test the last build, or compare it with
 * the previous one.
 */
const condition = z.strictObject({
  /** The project was built. */
  built: z.literal(true).optional(),
  /** Paths that the image has, or does not have. */
  has: z.array(path).optional(),
  lacks: z.array(path).optional(),
  /** Number of layers. */
  layers: z.int().optional(),
  /** Indices of layers that are the same as in the previous image, or different. */
  keeps: z.array(position).optional(),
  replaces: z.array(position).optional(),
  /** Paths whose current version is not in the first layer. */
  overwrites: z.array(path).optional(),
  /** A layer after the first one reduces the merged file tree by more than this number of bytes. */
  hides: z.int().optional(),
  /** The files of all layers have fewer bytes than this in total. */
  below: z.int().optional(),
  /** Patterns of config fields. They test the items of a list and the keys of an object, joined by spaces. */
  config: z.record(z.string(), pattern).optional(),
  /** Matches the Dockerfile of the build. */
  dockerfile: pattern.optional(),
  /** Patterns of steps that hit or missed the build cache. Each must match at least one step. */
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
  /** Whether the last two builds have the same tag, digest or architecture. */
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
  /** A shell command that finished during the current step. */
  shell: z
    .strictObject({ command: pattern, output: pattern.optional(), code: z.int().optional() })
    .optional(),
});
export type Condition = z.infer<typeof condition>;

const baseStep = {
  id: name,
  /** Links to this tab of the last image's page. */
  see: z.enum(["layers", "objects", "config"]).optional(),
  /** Shows the digests of the last two images. */
  showsDigests: z.boolean().optional(),
  /** Lines to write or read, the same in every language. The page offers to run a docker command. */
  code: z.array(z.string()).optional(),
  /** The earlier step whose command starts the container that this step needs. `isEnded`: it may have exited. */
  needs: z.strictObject({ step: name, isEnded: z.literal(true).optional() }).optional(),
  /** Expected output of the command, for learners without a runner. */
  prints: z.array(z.string()).optional(),
};

const taskStep = z.strictObject({ kind: z.literal("task"), ...baseStep, check: condition });
const questionStep = z.strictObject({
  kind: z.literal("question"),
  ...baseStep,
  /** Names of the answers in display order. */
  answers: z.array(name).min(2),
  right: name,
  /** Whether the question is about an image, so that a build is needed first. */
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

/** One or more sentences. Code is between backticks. */
const prose = z.string().min(1);

const stepTexts = z.strictObject({
  /** The task or question. */
  task: prose,
  hint: prose,
  /** The explanation after the step. */
  after: prose,
  /** Texts of the answers by name. */
  answers: z.record(z.string(), prose).optional(),
  /** An additional text when a runner is connected. `{host}` is the host of the server. */
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
