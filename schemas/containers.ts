import { z } from "zod";

// Containers that are started from images of this server, each with a terminal. `POST /v1/containers` makes one, and
// `GET /v1/containers/<id>`, as a WebSocket, is its terminal.

/** Docker's limit for one text of a process is 128 KiB (execve(2)). */
const word = z.string().max(32 * 1024);
const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/.*[^/]/, "is not an absolute path below /")
  .refine((path) => !path.includes("\0"), "contains a character that no path has");

export const containerMount = z.discriminatedUnion("type", [
  /** A folder that the containers of a workspace share. */
  z.strictObject({
    type: z.literal("volume"),
    name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/, "is not the name of a volume"),
    target: absolutePath,
    readonly: z.boolean().default(false),
  }),
  /** A copy of a file or folder of the build context. */
  z.strictObject({
    type: z.literal("bind"),
    source: z.string().max(4096),
    target: absolutePath,
    readonly: z.boolean().default(false),
  }),
  /** A file system in memory. */
  z.strictObject({ type: z.literal("tmpfs"), target: absolutePath }),
]);
export type ContainerMountRequest = z.infer<typeof containerMount>;

/** Rows and columns of a terminal. */
export const terminalSize = z.object({ rows: z.int().min(1).max(500), columns: z.int().min(1).max(1000) });
export type TerminalSize = z.infer<typeof terminalSize>;

/** The body of `POST /v1/containers?image=<reference>`. */
export const containerRequest = z.strictObject({
  /** Replaces CMD. */
  command: z.array(word).max(256).default([]),
  /** Replaces ENTRYPOINT, and CMD with it; an empty text removes both. */
  entrypoint: word.optional(),
  /** `NAME=value`. */
  env: z
    .array(word.regex(/^[^=\0]+=[^\0]*$/, "is not of the form NAME=value"))
    .max(256)
    .default([]),
  /** `user[:group]`. */
  user: z.string().max(256).optional(),
  workdir: absolutePath.optional(),
  mounts: z
    .array(containerMount)
    .max(16)
    .refine(
      (mounts) => new Set(mounts.map(({ target }) => target)).size === mounts.length,
      "have equal targets",
    )
    .default([]),
  /** The root file system cannot be written to. */
  readonly: z.boolean().default(false),
  /** Digest of the build context that mounts of the type `bind` read. */
  context: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  /** An unguessable name: containers of the same workspace share volumes. */
  workspace: z.string().regex(/^[0-9a-f]{32}$/, "is not 128 bits in hexadecimal digits"),
  size: terminalSize,
});
export type ContainerRequest = z.infer<typeof containerRequest>;

/** The answer of `POST /v1/containers`. */
export const createdContainer = z.object({
  id: z.string(),
  /** Opens the terminal, once. */
  token: z.string(),
  /** Seconds after which the container is stopped. */
  seconds: z.int(),
  /** Bytes of memory and number of processes that it may have, and how much output may wait for `ack`. */
  limits: z.object({ memory: z.int(), pids: z.int(), window: z.int() }),
});
export type CreatedContainer = z.infer<typeof createdContainer>;

/** What a client sends over the WebSocket of a terminal, as JSON texts. */
export const fromTerminal = z.discriminatedUnion("type", [
  z.object({ type: z.literal("input"), text: z.string().max(64 * 1024) }),
  z.object({ type: z.literal("resize"), ...terminalSize.shape }),
  /** So many characters of output were shown: as many more may come. */
  z.object({ type: z.literal("ack"), characters: z.int().min(0) }),
  /** Sends the signal for stopping, and SIGKILL some seconds later. */
  z.object({ type: z.literal("stop") }),
  /** Executes a further process in the container, without a terminal and input. `exec` is a number of the client's. */
  z.object({ type: z.literal("exec"), exec: z.int().min(0), command: z.array(word).min(1).max(256) }),
]);
export type FromTerminal = z.infer<typeof fromTerminal>;

/** What a process of `exec` writes, and how it ends: 126 when it cannot be executed. Output is cut after 1 MiB. */
export const fromExec = z.discriminatedUnion("type", [
  z.object({ type: z.literal("exec-output"), exec: z.int(), text: z.string() }),
  z.object({ type: z.literal("exec-exit"), exec: z.int(), code: z.int() }),
]);
export type FromExec = z.infer<typeof fromExec>;

/** What a client receives. */
export const toTerminal = z.discriminatedUnion("type", [
  /** No runner has started it yet. */
  z.object({ type: z.literal("waiting") }),
  z.object({ type: z.literal("started") }),
  z.object({ type: z.literal("output"), text: z.string() }),
  ...fromExec.options,
  /** The process has ended with this exit code, which is 128 and a number after a signal. */
  z.object({ type: z.literal("exit"), code: z.int() }),
  /** There is no container, or no longer. `reason` as in `jobFailure`. */
  z.object({ type: z.literal("failed"), reason: z.string(), message: z.string() }),
]);
export type ToTerminal = z.infer<typeof toTerminal>;
