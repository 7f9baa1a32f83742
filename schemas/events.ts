import { z } from "zod";
import { problem, warning } from "./problem.ts";

/** Typed, sized reference to stored content (image-spec, descriptor.md). */
export const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int(),
});
export type EventDescriptor = z.infer<typeof descriptor>;

/** A step of the build graph, for display. */
export const stepInfo = z.object({
  /** Unique in the build; events refer to it. */
  id: z.string(),
  /** For example `[build 2/4] COPY src /src`. */
  name: z.string(),
  stage: z.string(),
  platform: z.string(),
  /** Lines of the Dockerfile, 1-based, inclusive. */
  lines: z.object({ start: z.int(), end: z.int() }),
  /** Ids of the steps whose results it reads. */
  inputs: z.array(z.string()).optional(),
});
export type StepInfo = z.infer<typeof stepInfo>;

/** A part of a step's definition that differs from the last build of the same image. */
export const difference = z.object({
  /** `instruction`, `argument`, `environment`, `file`, `parent`, `base`, `platform`, `option`. */
  part: z.string(),
  /** Name of the file, argument or step. */
  name: z.string().optional(),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type Difference = z.infer<typeof difference>;

const attestation = z.object({
  /** Digest of the artifact's manifest. */
  digest: z.string(),
  /** For example `https://slsa.dev/provenance/v1`. */
  predicateType: z.string(),
  /** Digest of the attested image. */
  subject: z.string(),
});
export type Attestation = z.infer<typeof attestation>;

/** The image of a build. */
export const buildResult = z.object({
  /** Manifest, or index for several platforms. */
  descriptor,
  /** Digest of the config of the first platform: docker's image ID. */
  imageId: z.string(),
  /** Repository under `/v2/` that holds it. */
  repository: z.string(),
  tags: z.array(z.string()),
  /** Attestations of the image, if requested. */
  attestations: z.array(attestation).optional(),
});
export type BuildResult = z.infer<typeof buildResult>;

/** An instruction of the Dockerfile as written, with continuations joined. */
const instruction = z.object({
  text: z.string(),
  /** Its first line, 1-based. */
  line: z.int(),
});
export type InstructionText = z.infer<typeof instruction>;

const body = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("plan"),
    steps: z.array(stepInfo),
    /** All instructions up to the target, also those without a step; absent when they are too long. */
    instructions: z.array(instruction).optional(),
  }),
  z.object({ type: z.literal("step.start"), step: z.string() }),
  z.object({
    type: z.literal("step.progress"),
    step: z.string(),
    /** The counted item, for example `layer sha256:… written`. */
    message: z.string(),
    current: z.number(),
    total: z.number().optional(),
  }),
  /** Output of the process of a RUN. */
  z.object({
    type: z.literal("step.log"),
    step: z.string(),
    stream: z.enum(["stdout", "stderr"]),
    /** Whole lines. */
    text: z.string(),
  }),
  /** A step waits. The message is the reason, for example `waiting for a runner for linux/arm64; none is connected`. */
  z.object({
    type: z.literal("step.waiting"),
    step: z.string(),
    message: z.string(),
    /** `busy`: what the step needs exists, but others use it. `runner`: it needs a runner that is not connected. */
    reason: z.enum(["busy", "runner"]).optional(),
  }),
  /** A waiting step has started. */
  z.object({ type: z.literal("step.running"), step: z.string() }),
  /** The result of a step is known without executing it. `why`: how, if not from the build cache. */
  z.object({
    type: z.literal("step.cached"),
    step: z.string(),
    layer: descriptor.optional(),
    why: z.string().optional(),
  }),
  z.object({
    type: z.literal("step.done"),
    step: z.string(),
    layer: descriptor.optional(),
    /** Whether the layer existed already, from another step with the same files. */
    reused: z.boolean(),
    milliseconds: z.number(),
    /** Milliseconds of the process of a RUN. The rest is overhead of the build. */
    processMilliseconds: z.number().optional(),
    why: z.string(),
    differences: z.array(difference),
  }),
  /** The layer of a step is stored, after the step was done on a runner. */
  z.object({ type: z.literal("step.stored"), step: z.string(), layer: descriptor }),
  z.object({ type: z.literal("warning"), ...warning.shape }),
  z.object({ type: z.literal("export"), message: z.string(), digest: z.string() }),
  z.object({ type: z.literal("error"), step: z.string().optional(), problem }),
  z.object({ type: z.literal("result"), ...buildResult.shape }),
]);
export type EventBody = z.infer<typeof body>;

/** An event of a build. `seq` counts from 1; `time` is in milliseconds since the start of the build. */
export const buildEvent = z.intersection(z.object({ seq: z.int(), time: z.number() }), body);
export type BuildEvent = z.infer<typeof buildEvent>;
