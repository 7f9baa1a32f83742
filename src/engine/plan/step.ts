import type { Ulimit } from "../../../schemas/run-options.ts";
import type { ExtraHost } from "../../../schemas/run-settings.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import type { Chmod } from "./chmod.ts";
import type { Owner } from "./owner.ts";

/** A file tree that a step starts from or reads. */
export type FileState =
  /** Nothing. */
  | { readonly kind: "scratch" }
  /** All layers of an image: index into `BuildPlan.images`. */
  | { readonly kind: "image"; readonly image: number }
  /** What a step left: index into `BuildPlan.steps`, always an earlier one. */
  | { readonly kind: "step"; readonly step: number }
  /** Uploaded files: the build context, or the context named `name`. */
  | { readonly kind: "context"; readonly name?: string };

/** Files of a context, image or earlier step. */
export interface FilesSource {
  readonly kind: "files";
  readonly from: FileState;
  /** Absolute, clean, with Go wildcards (`* ? [` and `\`); cannot leave the root. */
  readonly path: string;
  /**
   * COPY --parents: pattern below `path` (which is then the pivot) of what is copied, each entry with the path it
   * has there. Its `**` spans directories.
   */
  readonly parents?: string;
  /** ADD: unpack when the file is an archive. */
  readonly unpack: boolean;
}

/** A here-document: a file of mode 0644 owned by root. */
export interface InlineSource {
  readonly kind: "inline";
  readonly name: string;
  readonly content: string;
}

/** A download of ADD: a file of mode 0600. */
export interface HttpSource {
  readonly kind: "http";
  /** Without user and password. */
  readonly url: string;
  /** `user:password` of the URL; in no cache key, and never shown. */
  readonly userinfo?: string;
  readonly name: string;
  /** `sha256:<hex>`, `sha384:…` or `sha512:…` that the body must have. */
  readonly checksum?: string;
  readonly unpack: boolean;
}

/** A git repository of ADD. */
export interface GitSource {
  readonly kind: "git";
  /** Without user and password. */
  readonly remote: string;
  /** `user:password` of the URL; in no cache key, and never shown. */
  readonly userinfo?: string;
  /** Branch, tag, full reference or commit; the default branch when absent. */
  readonly ref?: string;
  /** Directory of the repository that is copied. */
  readonly subdir?: string;
  /** Hexadecimal commit, or its beginning, that the reference must point at. */
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  readonly submodules: boolean;
  readonly fetchByCommit: boolean;
  /** Files get the time of the commit instead of that of the checkout. */
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
  /** `dest` was written with a trailing `/` or `/.`, so that files go into it. */
  readonly destIsDirectory: boolean;
  readonly owner?: Owner;
  readonly chmod?: Chmod;
  /** Copied onto an empty tree which then covers the parent: nothing of the parent is looked at or followed. */
  readonly link: boolean;
  /** Patterns in the syntax of `.dockerignore`, relative to a source directory. */
  readonly excludes: readonly string[];
}

/** WORKDIR: a directory and its missing parents, mode 0755. */
export interface WorkdirDefinition {
  readonly kind: "workdir";
  readonly parent: FileState;
  readonly path: string;
  /** The USER at that place, who owns what is created. */
  readonly owner?: Owner;
}

interface OwnedMount {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A mount of RUN, its target absolute. */
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
      /** Owner and mode of the cache's root when it is made. */
      readonly root?: OwnedMount;
    }
  | {
      readonly type: "tmpfs";
      readonly target: string;
      readonly readonly: boolean;
      /** Bytes; unlimited when absent. */
      readonly size?: number;
    }
  | ({
      readonly type: "secret";
      readonly id: string;
      /** Path of the file; absent when the secret is an environment variable only. */
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

/** RUN, ready to be executed. */
export interface RunDefinition {
  readonly kind: "run";
  readonly parent: FileState;
  /** `os/arch[/variant]` of what is executed. */
  readonly platform: string;
  readonly args: readonly string[];
  /** ENV and ARG together, in the order in which they were last set. Proxies are not in it. */
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly workdir: string;
  /** As written in USER; empty for root. */
  readonly user: string;
  readonly mounts: readonly RunMount[];
  readonly network: "default" | "none" | "host";
  readonly security: "sandbox" | "insecure";
  readonly hostname?: string;
  /** Lines of `/etc/hosts`. The names belong to the cache key and the addresses do not, as in BuildKit. */
  readonly hosts?: readonly ExtraHost[];
  /** Ordered by name. */
  readonly ulimits?: readonly Ulimit[];
  /** An executable that must lie at `path` while the process runs: a here-document that begins with `#!`. */
  readonly script?: { readonly path: string; readonly content: string };
}

/** All that decides what a step gives, and nothing else: this goes into its cache key. */
export type StepDefinition = TransferDefinition | WorkdirDefinition | RunDefinition;

/** What accompanies a step without deciding its result. */
/** A variable that an instruction refers to, with its value there. */
export interface VariableUse {
  readonly name: string;
  readonly value: string;
  /** Comes from an ARG, not from an ENV. */
  readonly isArgument: boolean;
}

export interface StepDescription {
  /** As progress shows it: `[build 2/4] COPY a /b`. */
  readonly name: string;
  /** The instruction after expansion, as history shows it. */
  readonly createdBy: string;
  /** For ONBUILD triggers, the lines of the FROM that brought them. */
  readonly lines: LineRange;
  /** Position of its stage in `BuildPlan.stages`. */
  readonly stage: number;
  /** What was expanded to make the definition. */
  readonly variables: readonly VariableUse[];
  /** RUN: proxies, set for the process in both cases but unseen by the cache. */
  readonly proxies?: Readonly<Record<string, string>>;
}

/** A node of the build graph; each makes one layer. */
export interface Step {
  /** Position in `BuildPlan.steps`. */
  readonly index: number;
  readonly definition: StepDefinition;
  readonly description: StepDescription;
}

/** The trees a step reads, its parent first. */
export function inputsOf(definition: StepDefinition): FileState[] {
  const inputs = [definition.parent];
  if (definition.kind === "run") {
    for (const mount of definition.mounts) if ("from" in mount) inputs.push(mount.from);
  } else if (definition.kind !== "workdir") {
    for (const source of definition.sources) if (source.kind === "files") inputs.push(source.from);
  }
  return inputs;
}
