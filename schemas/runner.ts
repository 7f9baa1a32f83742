import { z } from "zod";
import { type Entitlement, entitlement } from "./options.ts";

// The messages between the server and a runner, over one WebSocket that the runner opens (`GET /v1/runners`), as JSON
// texts. Bytes (layers in, the diff out) go over plain HTTP with the token of the job.

/** A stored layer, as a manifest and a config name it. */
export const jobLayer = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int(),
  diffId: z.string(),
});
export type JobLayer = z.infer<typeof jobLayer>;

/** A file system that a job reads: layers, the lowest first. */
const stack = z.object({ layers: z.array(jobLayer) });

const owned = { uid: z.int(), gid: z.int(), mode: z.int() };

/** A mount of RUN, its target absolute. */
export const jobMount = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("bind"),
    from: stack,
    source: z.string(),
    target: z.string(),
    readonly: z.boolean(),
  }),
  z.object({
    type: z.literal("cache"),
    /** Unique in the scope that the build belongs to. */
    id: z.string(),
    /** SHA-256 (hex) of the scope, the id and what a new cache begins with: mounts of the same key share what they keep. */
    key: z.string(),
    sharing: z.enum(["shared", "private", "locked"]),
    from: stack.optional(),
    source: z.string(),
    target: z.string(),
    readonly: z.boolean(),
    root: z.object(owned).optional(),
  }),
  z.object({ type: z.literal("tmpfs"), target: z.string(), readonly: z.boolean(), size: z.int().optional() }),
  z.object({
    type: z.literal("secret"),
    id: z.string(),
    target: z.string().optional(),
    env: z.string().optional(),
    /** base64; in memory only. Without it, the runner beside the client has the secret. */
    value: z.string().optional(),
    ...owned,
  }),
  z.object({
    type: z.literal("ssh"),
    id: z.string(),
    target: z.string(),
    /** Without an agent the job fails; else there is no such mount. */
    required: z.boolean().optional(),
    /** The runner beside the client has an agent for it. */
    forwarded: z.boolean().optional(),
    ...owned,
  }),
]);
export type JobMount = z.infer<typeof jobMount>;

/** One RUN, ready to be carried out. */
export const job = z.object({
  id: z.string(),
  /** For the requests that belong to this job; ends with it. */
  token: z.string(),
  platform: z.string(),
  /** What the step is laid on, the lowest layer first. */
  layers: z.array(jobLayer),
  args: z.array(z.string()),
  env: z.array(z.tuple([z.string(), z.string()])),
  workdir: z.string(),
  /** As written in USER; empty for root. */
  user: z.string(),
  mounts: z.array(jobMount),
  network: z.enum(["default", "none", "host"]),
  /** With all rights of root. */
  security: z.literal("insecure").optional(),
  hostname: z.string().optional(),
  /** An executable that lies at `path` while the process runs. */
  script: z.object({ path: z.string(), content: z.string() }).optional(),
  /** After so long the process is killed. */
  timeoutSeconds: z.int(),
});
export type Job = z.infer<typeof job>;

/** What a job asks for beyond the rights of any step. */
export function rightsOf({ network, security }: Pick<Job, "network" | "security">): Entitlement[] {
  const rights: Entitlement[] = [];
  if (network === "host") rights.push("network.host");
  if (security === "insecure") rights.push("security.insecure");
  return rights;
}

/**
 * What a client offers that would carry out steps of its build by itself. `only`: nobody else may. `first`: others may
 * when it cannot. `spare`: it does what others cannot.
 */
export const clientRunner = z.object({
  runner: z.enum(["only", "first", "spare"]),
  /** Ids of secrets and of ssh agents that it has, and that nobody else is told. */
  secrets: z.array(z.string().min(1).max(255)).max(64),
  ssh: z.array(z.string().min(1).max(255)).max(64),
});
export type ClientRunner = z.infer<typeof clientRunner>;

/**
 * Takes the parameters `runner`, `secret` and `ssh` out of the query of a build: they do not decide what it gives.
 * Undefined when the client offers nothing.
 * @throws {z.ZodError}
 */
export function takeClientRunner(query: URLSearchParams): ClientRunner | undefined {
  const asked = { runner: query.get("runner"), secrets: query.getAll("secret"), ssh: query.getAll("ssh") };
  for (const name of ["runner", "secret", "ssh"]) query.delete(name);
  if (asked.runner === null && asked.secrets.length === 0 && asked.ssh.length === 0) return undefined;
  return clientRunner.parse(asked);
}

/** Why a job gave no layer. */
export const jobFailure = z.object({
  reason: z.enum([
    "exit",
    "signal",
    "timeout",
    "out-of-memory",
    "out-of-disk",
    "cancelled",
    "refused",
    "internal",
  ]),
  exitCode: z.int().optional(),
  message: z.string(),
});
export type JobFailure = z.infer<typeof jobFailure>;

/** A runner of the pool that is connected. */
export const runnerInfo = z.object({
  platforms: z.array(z.string()),
  /** Jobs at a time. */
  capacity: z.int(),
  labels: z.record(z.string(), z.string()),
  /** Jobs that it has. */
  jobs: z.int(),
});
export type RunnerInfo = z.infer<typeof runnerInfo>;

/** The runner that a local server starts on its own machine. */
export const localRunner = z.object({
  /** `restarting`: it has ended and is started again. `unavailable`: this machine cannot execute steps. */
  state: z.enum(["running", "restarting", "unavailable"]),
  /** RFC 3339: when this state began. */
  since: z.iso.datetime(),
  /** How often it was started again. */
  restarts: z.int().min(0),
  /** Why it does not run. */
  detail: z.string().optional(),
});
export type LocalRunnerState = z.infer<typeof localRunner>;

/** The answer of `GET /v1/runners`. */
export const runnerList = z.object({
  runners: z.array(runnerInfo),
  /** On a local server that starts a runner. */
  local: localRunner.optional(),
});
export type RunnerList = z.infer<typeof runnerList>;

/** What a runner says. */
export const fromRunner = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    /** `linux/amd64` and so on, natively or by emulation. */
    platforms: z.array(z.string()),
    /** Jobs at a time. */
    capacity: z.int().min(1),
    labels: z.record(z.string(), z.string()),
    /** Rights that its operator lets steps have. */
    allow: z.array(entitlement).optional(),
    /** Those that it still works at, after the connection was lost. Of others that it had, it knows nothing more. */
    jobs: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal("log"),
    job: z.string(),
    stream: z.enum(["stdout", "stderr"]),
    text: z.string(),
  }),
  /** The diff was put; the server has it. */
  z.object({ type: z.literal("done"), job: z.string() }),
  z.object({ type: z.literal("failed"), job: z.string(), failure: jobFailure }),
  /** Takes no further job; finishes those it has. */
  z.object({ type: z.literal("bye") }),
]);
export type FromRunner = z.infer<typeof fromRunner>;

/** What the server says. */
export const toRunner = z.discriminatedUnion("type", [
  z.object({ type: z.literal("job"), job }),
  z.object({ type: z.literal("cancel"), job: z.string() }),
]);
export type ToRunner = z.infer<typeof toRunner>;

/** Close code of a WebSocket whose runner is not to dial in again: what its token stood for has ended. */
export const endedCloseCode = 4001;

// GET /v1/jobs/<id>/blobs/<digest>   a layer that the job names
// PUT /v1/jobs/<id>/diff             the upper directory as GNU tar or pax writes it: overlayfs's own form, removals as
//                                    character devices 0:0, opaque directories by trusted.overlay.opaque or
//                                    user.overlay.opaque; in any order; compressed with zstd or not
// Both with `Authorization: Bearer <token of the job>`.
