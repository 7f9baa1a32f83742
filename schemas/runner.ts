import { z } from "zod";
import { terminalSize } from "./containers.ts";
import { ulimit } from "./run-options.ts";

/** A layer in the store, as a manifest and a config name it. */
const storedLayer = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.int(),
  diffId: z.string(),
});
export type StoredLayer = z.infer<typeof storedLayer>;

/** A layer that the runner itself holds: the result of an earlier job. */
const heldLayer = z.object({ snapshot: z.string() });

const jobLayer = z.union([storedLayer, heldLayer]);
export type JobLayer = z.infer<typeof jobLayer>;

/** A file system made of layers, the lowest first. */
const layerStack = z.object({ layers: z.array(jobLayer) });

/** The part of a stored context that the build reads: see `ContextSelection`. */
const jobContext = z.object({
  context: z.string(),
  /** Where the copy of the scope is stored, if it has its own: see `ContextScope.saveContext`. */
  copy: z.string().optional(),
  ignore: z.array(z.string()),
  include: z.array(z.string()).optional(),
});

/** Files that a job reads. */
const jobTree = z.union([layerStack, jobContext]);
export type JobTree = z.infer<typeof jobTree>;

const ids = { uid: z.int(), gid: z.int() };
const owned = { ...ids, mode: z.int() };

/** A mount of RUN, its target absolute. */
const jobMount = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("bind"),
    from: jobTree,
    source: z.string(),
    target: z.string(),
    readonly: z.boolean(),
  }),
  z.object({
    type: z.literal("cache"),
    /** Unique in the scope that the build belongs to. */
    id: z.string(),
    /** SHA-256 (hex) of the scope, the id and the initial contents: mounts of the same key share their contents. */
    key: z.string(),
    sharing: z.enum(["shared", "private", "locked"]),
    from: jobTree.optional(),
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

/** Times of the entries of a layer: see `EntryTimes`. */
const times = z.object({ timestamps: z.enum(["preserve", "fixed"]), epoch: z.number() });

/** A stored layer of which the entries alone are read: its digest and the key of its table of contents. */
const lastLayer = z.object({ digest: z.string(), toc: z.string() });
export type LastLayer = z.infer<typeof lastLayer>;

/** Executes the process of a RUN and keeps what it changed as a snapshot. */
const runTask = z.object({
  kind: z.literal("run"),
  /** The file system of the process, the lowest layer first. */
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
  /** Lines of `/etc/hosts`; an address may be `host-gateway`. */
  hosts: z.array(z.object({ name: z.string(), address: z.string() })).optional(),
  ulimits: z.array(ulimit).optional(),
  /** An executable that is at `path` while the process runs. */
  script: z.object({ path: z.string(), content: z.string() }).optional(),
});

const principal = z.union([z.object({ id: z.number() }), z.object({ name: z.string() })]);
const owner = z.object({ user: principal, group: principal.optional() });

/** See `Chmod` of the plan. */
const chmod = z.union([
  z.object({ octal: z.int() }),
  z.object({
    changes: z.array(
      z.discriminatedUnion("op", [
        z.object({ op: z.enum(["+", "-", "X"]), bits: z.int() }),
        z.object({
          op: z.literal("copy"),
          from: z.union([z.literal(6), z.literal(3), z.literal(0)]),
          to: z.int(),
          how: z.enum(["+", "-", "="]),
        }),
      ]),
    ),
  }),
]);

/** One source of COPY or ADD: see `CopySource`. */
const jobSource = z.object({
  from: z.union([jobTree, z.object({ name: z.string(), content: z.string() })]),
  /** Name of the tree in error messages. */
  ref: z.string(),
  path: z.string(),
  parents: z.string().optional(),
  literal: z.boolean().optional(),
  keepOwner: z.boolean(),
  madeNow: z.boolean().optional(),
});
export type JobSource = z.infer<typeof jobSource>;

/** Makes the changes of COPY, ADD or WORKDIR and keeps them as a snapshot. */
const copyTask = z.object({
  kind: z.literal("copy"),
  /** The file system that is changed, the lowest layer first. */
  layers: z.array(jobLayer),
  action: z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("copy"),
      sources: z.array(jobSource),
      dest: z.string(),
      destIsDirectory: z.boolean(),
      owner: owner.optional(),
      chmod: chmod.optional(),
      link: z.boolean(),
      excludes: z.array(z.string()),
    }),
    z.object({ kind: z.literal("workdir"), path: z.string(), owner: owner.optional() }),
  ]),
  times,
  /** The last version of the layer: unchanged files of contexts keep the times that they have there. */
  last: lastLayer.optional(),
});

/** Computes the digests of what sources select, which are part of cache keys. */
const selectTask = z.object({
  kind: z.literal("select"),
  sources: z.array(z.object({ source: jobSource, excludes: z.array(z.string()) })),
});

/** Writes a snapshot as a layer and uploads it. */
const layerTask = z.object({
  kind: z.literal("layer"),
  snapshot: z.string(),
  /** The layers below the snapshot, the lowest first. */
  layers: z.array(jobLayer),
  compression: z.enum(["gzip", "zstd"]),
  level: z.int(),
  times,
});

/** Starts a container of an image, with a terminal. */
const containerTask = z.object({
  kind: z.literal("container"),
  layers: z.array(storedLayer),
  args: z.array(z.string()),
  env: z.array(z.tuple([z.string(), z.string()])),
  workdir: z.string(),
  /** As written in USER; empty for root. */
  user: z.string(),
  mounts: z.array(
    z.discriminatedUnion("type", [
      /** Without a name it ends with the container. */
      z.object({
        type: z.literal("volume"),
        name: z.string().optional(),
        target: z.string(),
        readonly: z.boolean(),
      }),
      /** A copy of what is at `source`, which ends with the container. */
      z.object({
        type: z.literal("bind"),
        from: jobContext,
        source: z.string(),
        target: z.string(),
        readonly: z.boolean(),
      }),
      z.object({ type: z.literal("tmpfs"), target: z.string() }),
    ]),
  ),
  readonly: z.boolean(),
  /** Named volumes are those of this workspace. */
  workspace: z.string(),
  stopSignal: z.string().optional(),
  size: terminalSize,
});

const task = z.discriminatedUnion("kind", [runTask, copyTask, selectTask, layerTask, containerTask]);
export type Task = z.infer<typeof task>;
export type ContainerTask = z.infer<typeof containerTask>;
export type RunTask = z.infer<typeof runTask>;
export type CopyTask = z.infer<typeof copyTask>;
export type SelectTask = z.infer<typeof selectTask>;
export type LayerTask = z.infer<typeof layerTask>;

/** One task of a build. */
export const job = z.object({
  id: z.string(),
  /** For the requests that belong to this job; ends with it. */
  token: z.string(),
  /** Build id: snapshots of a build are kept at least until the build ends. */
  build: z.string(),
  /** Of the process of a RUN; of other tasks that of the processes that will read their results. */
  platform: z.string(),
  /** Seconds after which the process of a RUN is killed. */
  timeoutSeconds: z.int(),
  task,
});
export type Job = z.infer<typeof job>;

const copyWarning = z.object({
  code: z.enum(["unknown-user", "unknown-group"]),
  name: z.string(),
  message: z.string(),
});

/** The result of a task. */
export const jobResult = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("run"),
    snapshot: z.string(),
    /** Of the files that changed, about. */
    bytes: z.number(),
    /** Duration of the process. */
    milliseconds: z.number(),
  }),
  z.object({
    kind: z.literal("copy"),
    snapshot: z.string(),
    bytes: z.number(),
    warnings: z.array(copyWarning),
  }),
  z.object({ kind: z.literal("select"), digests: z.array(z.string()) }),
  /** The layer was uploaded, and its table of contents. */
  z.object({ kind: z.literal("layer"), layer: storedLayer }),
  /** The process of the container has ended. */
  z.object({ kind: z.literal("container"), exitCode: z.int() }),
]);
export type JobResult = z.infer<typeof jobResult>;

/** Why a job gave no result. */
export const jobFailure = z.object({
  reason: z.enum([
    "exit",
    "signal",
    "timeout",
    "out-of-memory",
    "out-of-disk",
    "cancelled",
    "refused",
    /** COPY, ADD or WORKDIR cannot be executed: `code` is that of the build error. */
    "copy",
    /** The runner no longer has a snapshot that the job needs: `snapshots` names it. */
    "snapshot-lost",
    "internal",
  ]),
  exitCode: z.int().optional(),
  message: z.string(),
  code: z.enum(["source-not-found", "copy-failed"]).optional(),
  /** Known cause, and what the user can do. */
  hint: z.string().max(2000).optional(),
  /** Spellings of the word of the Dockerfile that is wrong. */
  words: z.array(z.string()).optional(),
  snapshots: z.array(z.string()).optional(),
});
export type JobFailure = z.infer<typeof jobFailure>;
