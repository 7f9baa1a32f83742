/** One path of an image's merged file system. */
export interface RootfsEntry {
  path: string;
  type: "file" | "dir" | "symlink" | "char" | "block" | "fifo";
  /** Four octal digits. */
  mode: string;
  uid: number;
  gid: number;
  size?: number;
  sha256?: string;
  link?: string;
  device?: string;
  xattrs?: Record<string, string>;
  /** Hard link: the first path, in order, that is the same file. */
  sameFileAs?: string;
  /** Whole seconds since 1970; "now" within the build. Absent where the time is not compared. */
  mtime?: number | "now";
}

/** One line of the image's history, without its time. */
export interface HistoryEntry {
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

/** The process defaults of an image, in the spelling of its config; empty fields are absent. */
export type ImageConfig = Partial<Record<(typeof configFields)[number], unknown>>;

export const configFields = [
  "User",
  "ExposedPorts",
  "Env",
  "Entrypoint",
  "Cmd",
  "Volumes",
  "WorkingDir",
  "Labels",
  "StopSignal",
  "ArgsEscaped",
  "Healthcheck",
  "OnBuild",
  "Shell",
] as const;

/** The parts of a build's result in which two builders must agree. */
export interface ImageResult {
  /** `os/architecture[/variant]`. */
  platform: string;
  author?: string;
  config: ImageConfig;
  history: HistoryEntry[];
  /** Number of layers of the image, including those of the base. */
  layers: number;
  rootfs: RootfsEntry[];
}

/** The reason for which a build was rejected. */
export interface Failure {
  error: string;
  /** Line of the Dockerfile, where the builder names one. */
  line?: number;
}

export type Outcome = ImageResult | Failure;

export function isFailure(outcome: Outcome): outcome is Failure {
  return "error" in outcome;
}

/** The compared fields of a stored image config. */
export interface ConfigFile {
  os: string;
  architecture: string;
  variant?: string;
  author?: string;
  config?: Record<string, unknown>;
  history?: (HistoryEntry & { created?: string })[];
  rootfs: { diff_ids: string[] | null };
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The result of a build from its config file and the entries of its merged layers. */
export function imageResult(file: ConfigFile, rootfs: RootfsEntry[]): ImageResult {
  const config: ImageConfig = {};
  for (const field of configFields) {
    const value = file.config?.[field];
    if (!isEmpty(value)) config[field] = value;
  }
  const history = (file.history ?? []).map(({ created_by, author, comment, empty_layer }) => ({
    ...(created_by ? { created_by } : {}),
    ...(author ? { author } : {}),
    ...(comment ? { comment } : {}),
    ...(empty_layer ? { empty_layer } : {}),
  }));
  return {
    platform: [file.os, file.architecture, file.variant].filter(Boolean).join("/"),
    ...(file.author ? { author: file.author } : {}),
    config,
    history,
    layers: file.rootfs.diff_ids?.length ?? 0,
    rootfs,
  };
}
