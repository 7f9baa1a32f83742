import { z } from "zod";
import { fromExec, fromTerminal } from "./containers.ts";
import { entitlement } from "./options.ts";
import { fromPort, toPort } from "./ports.ts";
import { job, jobFailure, jobResult } from "./runner.ts";

// The messages between the server and a runner, over one WebSocket that the runner opens (`GET /v1/runners`), as JSON
// texts. Bytes (stored objects in, layers out) go over plain HTTP with the token of the job.

/** Messages from a runner. */
export const fromRunner = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    /** Identifies the folder of snapshots, through restarts of the runner. */
    instance: z.string(),
    /** `linux/amd64` and so on, natively or by emulation. */
    platforms: z.array(z.string()),
    /** Processes of RUN at a time. */
    capacity: z.int().min(1),
    /** Containers with terminals at a time. Default: none. */
    containers: z.int().min(0).optional(),
    labels: z.record(z.string(), z.string()),
    /** Rights that its operator lets steps have. */
    allow: z.array(entitlement).optional(),
    /** The runner of a client keeps its folder for later builds: the machine does not end with the job. */
    isLasting: z.boolean().optional(),
    /** Jobs that it still executes, after the connection was lost. It has forgotten any others that it had. */
    jobs: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal("log"),
    job: z.string(),
    stream: z.enum(["stdout", "stderr"]),
    text: z.string(),
  }),
  z.object({ type: z.literal("done"), job: z.string(), result: jobResult }),
  z.object({ type: z.literal("failed"), job: z.string(), failure: jobFailure }),
  /** The container of the job has started. */
  z.object({ type: z.literal("started"), job: z.string() }),
  /** Output to its terminal. */
  z.object({
    type: z.literal("output"),
    job: z.string(),
    text: z.string(),
    mark: z.string().max(32).optional(),
  }),
  /** It has read so many characters of input. */
  z.object({ type: z.literal("typed"), job: z.string(), characters: z.int().min(0) }),
  /** Output and end of a process of `exec`, for the client of the terminal. */
  z.object({ type: z.literal("exec"), job: z.string(), message: fromExec }),
  /** Data from a port of a container. */
  z.object({ type: z.literal("port"), job: z.string(), message: fromPort }),
  /** Answers `find`: the snapshots that are kept under those names, by name. */
  z.object({
    type: z.literal("found"),
    request: z.string(),
    snapshots: z.record(z.string(), z.object({ id: z.string(), bytes: z.number() })),
  }),
  /** Stops: it finishes the jobs it has, and accepts only tasks that write layers of its snapshots. */
  z.object({ type: z.literal("bye") }),
]);
export type FromRunner = z.infer<typeof fromRunner>;

/** Messages from the server. */
export const toRunner = z.discriminatedUnion("type", [
  z.object({ type: z.literal("job"), job }),
  z.object({ type: z.literal("cancel"), job: z.string() }),
  /** Input from the client of a terminal. */
  z.object({ type: z.literal("terminal"), job: z.string(), message: fromTerminal }),
  /** A request to a port of a container. */
  z.object({ type: z.literal("port"), job: z.string(), message: toPort }),
  /** Asks which of these names it keeps snapshots under. */
  z.object({ type: z.literal("find"), request: z.string(), names: z.array(z.string()) }),
  /** Keeps a snapshot under names, for later builds. */
  z.object({ type: z.literal("keep"), snapshot: z.string(), names: z.array(z.string()) }),
  /** A build has ended: its snapshots may be removed when room is needed. */
  z.object({ type: z.literal("release"), build: z.string() }),
]);
export type ToRunner = z.infer<typeof toRunner>;

/** Close code of a WebSocket whose runner is not to dial in again: its token has expired. */
export const ENDED_CLOSE_CODE = 4001;
