import type { Ulimit } from "../../../schemas/run-options.ts";
import type { ExtraHost } from "../../../schemas/run-settings.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import type { Chmod } from "./chmod.ts";
import type { Owner } from "./owner.ts";

/** A file tree that a step starts from or reads. */
export type FileState =
  /** An empty tree. */
  | { readonly kind: "scratch" }
  /** All layers of an image: index into `BuildPlan.images`. */
  | { readonly kind: "image"; readonly image: number }
  /** The result of an earlier step: index into `BuildPlan.steps`. */
  | { readonly kind: "step"; readonly step: number }
  /** Uploaded files: the build context, or the context named `name`. */
  | { readonly kind: "context"; readonly name?: string };

/** Files of a context, an image or an earlier step. */
export interface FilesSource {
  readonly kind: "files";
  readonly from: FileState;
  /** Absolute, clean, with Go wildcards (`* ? [` and `\`); cannot leave the root. */
  readonly path: string;
  /**
   * COPY --parents: a pattern below `path` (the pivot point) that selects what is copied; each entry keeps its path.
   * `**` matches any number of directories.
   */
  readonly parents?: string;
  /** ADD: unpack the file when it is an archive. */
  readonly unpack: boolean;
}

/** A here-document: a file of mode 0644 owned by root. */
interface InlineSource {
  readonly kind: "inline";
  readonly name: string;
  readonly content: string;
}

/** A download of ADD, written as a file of mode 0600. */
export interface HttpSource {
  readonly kind: "http";
  /** Without credentials. */
  readonly url: string;
  /** `user:password` of the URL; never part of a cache key and never shown. */
  readonly userinfo?: string;
  readonly name: string;
  /** The expected digest of the body: `sha256:<hex>`, `sha384:…` or `sha512:…`. */
  readonly checksum?: string;
  readonly unpack: boolean;
}

/** A git repository of ADD. */
export interface GitSource {
  readonly kind: "git";
  /** Without credentials. */
  readonly remote: string;
  /** `user:password` of the URL; never part of a cache key and never shown. */
  readonly userinfo?: string;
  /** Branch, tag, full reference or commit; by default the default branch. */
  readonly ref?: string;
  /** Directory of the repository to copy. */
  readonly subdir?: string;
  /** The expected commit in hexadecimal, or its beginning. */
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  readonly submodules: boolean;
  readonly fetchByCommit: boolean;
  /** Use the time of the commit for files instead of the time of the checkout. */
  readonly commitTime: boolean;
}

export type TransferSource = FilesSource | InlineSource | HttpSource | GitSource;

/** COPY or ADD. */
export interface TransferDefinition {
  readonly kind: "copy" | "add";
  readonly parent: FileState;
  readonly sources: readonly TransferSource[];
  /** Absolute and clean. */
  readonly dest: string;
  /** `dest` ends with `/` or `/.`, so files are written into it. */
  readonly destIsDirectory: boolean;
  readonly owner?: Owner;
  readonly chmod?: Chmod;
  /** Copy onto an empty tree whose layer covers the parent, without reading the parent. */
  readonly link: boolean;
  /** Patterns in the syntax of `.dockerignore`, relative to a source directory. */
  readonly excludes: readonly string[];
}

/** WORKDIR: a directory and its missing parents, mode 0755. */
export interface WorkdirDefinition {
  readonly kind: "workdir";
  readonly parent: FileState;
  readonly path: string;
  /** The active USER: the owner of created directories. */
  readonly owner?: Owner;
}

interface OwnedMount {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A mount of RUN with an absolute target. */
export type RunMount =
  | {
      readonly type: "bind";
      readonly from: FileState;
      readonly source: string;
      readonly target: string;
      /** When false, writes are possible but discarded. */
      readonly readonly: boolean;
    }
  | {
      readonly type: "cache";
      readonly id: string;
      readonly sharing: "shared" | "private" | "locked";
      readonly from: FileState;
      readonly source: string;
      readonly target: string;
      readonly readonly: boolean;
      /** Owner and mode of the root of a new cache. */
      readonly root?: OwnedMount;
    }
  | {
      readonly type: "tmpfs";
      readonly target: string;
      readonly readonly: boolean;
      /** Size in bytes; unlimited when undefined. */
      readonly size?: number;
    }
  | ({
      readonly type: "secret";
      readonly id: string;
      /** Path of the file; undefined when the secret is only an environment variable. */
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
    } & OwnedMount)
  | ({
      readonly type: "ssh";
      readonly id: string;
      readonly target: string;
      readonly required: boolean;
    } & OwnedMount);

/** RUN, ready for execution. */
export interface RunDefinition {
  readonly kind: "run";
  readonly parent: FileState;
  /** Platform of the process: `os/arch[/variant]`. */
  readonly platform: string;
  readonly args: readonly string[];
  /** ENV and ARG combined, in the order of their last assignment, without proxies. */
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly workdir: string;
  /** As written in USER; empty for root. */
  readonly user: string;
  readonly mounts: readonly RunMount[];
  readonly network: "default" | "none" | "host";
  readonly security: "sandbox" | "insecure";
  readonly hostname?: string;
  /** Lines of `/etc/hosts`. As in BuildKit, the names are part of the cache key and the addresses are not. */
  readonly hosts?: readonly ExtraHost[];
  /** Sorted by name. */
  readonly ulimits?: readonly Ulimit[];
  /** A here-document that begins with `#!`, provided as an executable at `path` while the process runs. */
  readonly script?: { readonly path: string; readonly content: string };
}

/** Everything that determines the result of a step, and nothing else: the input of its cache key. */
export type StepDefinition = TransferDefinition | WorkdirDefinition | RunDefinition;

/** A variable that an instruction uses, with its value. */
export interface VariableUse {
  readonly name: string;
  readonly value: string;
  /** Whether it comes from ARG rather than ENV. */
  readonly isArgument: boolean;
}

/** Properties of a step that do not affect its result. */
export interface StepDescription {
  /** As progress output shows it: `[build 2/4] COPY a /b`. */
  readonly name: string;
  /** The instruction after expansion, as history shows it. */
  readonly createdBy: string;
  /** For ONBUILD triggers, the lines of the FROM that they come from. */
  readonly lines: LineRange;
  /** Position of its stage in `BuildPlan.stages`. */
  readonly stage: number;
  /** The variables expanded in the definition. */
  readonly variables: readonly VariableUse[];
  /** RUN: proxies in both cases, set for the process but not part of the cache key. */
  readonly proxies?: Readonly<Record<string, string>>;
}

/** A node of the build graph. Each step makes one layer. */
export interface Step {
  /** Position in `BuildPlan.steps`. */
  readonly index: number;
  readonly definition: StepDefinition;
  readonly description: StepDescription;
}

/** The trees that a step reads, its parent first. */
export function inputsOf(definition: StepDefinition): FileState[] {
  const inputs = [definition.parent];
  if (definition.kind === "run") {
    for (const mount of definition.mounts) if ("from" in mount) inputs.push(mount.from);
  } else if (definition.kind !== "workdir") {
    for (const source of definition.sources) if (source.kind === "files") inputs.push(source.from);
  }
  return inputs;
}
