import { z } from "zod";

// Containers of this server's images, each with a terminal. `POST /v1/containers` creates one. The WebSocket
// `GET /v1/containers/<id>` is its terminal.

/** An argument or variable. Linux accepts up to 128 KiB (execve(2)). */
const word = z.string().max(32 * 1024);
const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/.*[^/]/, "is not an absolute path below /")
  .refine((path) => !path.includes("\0"), "contains a character that no path has");

const containerMount = z.discriminatedUnion("type", [
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
  /** Replaces ENTRYPOINT and removes CMD. Empty: removes both. */
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
  /** Whether the root file system is read-only. */
  readonly: z.boolean().default(false),
  /** Digest of the build context for mounts of the type `bind`. */
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
  /** Path of its ports, which is their only credential: `8080/` after it is what the container serves at port 8080. */
  ports: z.string(),
  /** Seconds after which the container is stopped. */
  seconds: z.int(),
  /**
   * Maximum bytes of memory, number of processes, characters of output without an `ack`, and characters of input that wait
   * for `typed`. More input closes the terminal.
   */
  limits: z.object({ memory: z.int(), pids: z.int(), window: z.int(), input: z.int() }),
});
export type CreatedContainer = z.infer<typeof createdContainer>;

/** A message from the client of a terminal, as JSON. */
export const fromTerminal = z.discriminatedUnion("type", [
  z.object({ type: z.literal("input"), text: z.string().max(64 * 1024) }),
  z.object({ type: z.literal("resize"), ...terminalSize.shape }),
  /** The client has shown the output up to the one with this mark, so that as much more may follow. */
  z.object({ type: z.literal("ack"), mark: z.string().max(32) }),
  /** Sends the stop signal, and SIGKILL after some seconds. */
  z.object({ type: z.literal("stop") }),
  /** Executes a further process in the container, without a terminal and input. `exec` is a number of the client's. */
  z.object({ type: z.literal("exec"), exec: z.int().min(0), command: z.array(word).min(1).max(256) }),
]);
export type FromTerminal = z.infer<typeof fromTerminal>;

/** Output and exit code of a process of `exec`: 126 when it cannot be executed. Output is cut after 1 MiB. */
export const fromExec = z.discriminatedUnion("type", [
  z.object({ type: z.literal("exec-output"), exec: z.int(), text: z.string() }),
  z.object({ type: z.literal("exec-exit"), exec: z.int(), code: z.int() }),
]);
export type FromExec = z.infer<typeof fromExec>;

/** A message to the client of a terminal. */
export const toTerminal = z.discriminatedUnion("type", [
  /** No runner has started it yet. */
  z.object({ type: z.literal("waiting") }),
  z.object({ type: z.literal("started") }),
  /** Output with a mark waits for `ack`. Marks cannot be guessed. */
  z.object({ type: z.literal("output"), text: z.string(), mark: z.string().optional() }),
  ...fromExec.options,
  /** The process has read this many more characters of input. */
  z.object({ type: z.literal("typed"), characters: z.int().min(0) }),
  /** The process ended with this exit code, or with 128 plus the number of a signal. */
  z.object({ type: z.literal("exit"), code: z.int() }),
  /** The container could not start or was lost. `reason` as in `jobFailure`. */
  z.object({ type: z.literal("failed"), reason: z.string(), message: z.string() }),
]);
export type ToTerminal = z.infer<typeof toTerminal>;
