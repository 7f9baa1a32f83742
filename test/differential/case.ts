import type { Member } from "./archive/member.ts";
import type { Newer } from "./newer.ts";
import type { ImageResult } from "./result.ts";

/** One build, executed by a real `docker build` and by varve. */
export interface Case {
  /** Unique; begins with its topic. */
  name: string;
  /**
   * The Dockerfile. In it, in values of `args` and in context files, `{{http}}` is replaced by the address of the
   * fixture server, and `{{registry}}` by `host:port` of the registry with the base images.
   */
  dockerfile: string;
  /** Path of the Dockerfile in the context; default `Dockerfile`. */
  dockerfilePath?: string;
  /** Path → content. Folders that lead to a path are made with mode 0755. */
  context?: Record<string, ContextEntry>;
  /** Build arguments. */
  args?: Record<string, string>;
  labels?: Record<string, string>;
  /** Secrets of RUN by id. */
  secrets?: Record<string, string>;
  /** Entitlements that its steps need, such as `network.host`. The runner must allow them. */
  allow?: string[];
  /** Settings of the build for all its RUN steps. */
  run?: RunFlags;
  target?: string;
  platform?: string;
  /** What the case shows, unless its name and Dockerfile state it. */
  because?: string;
  /** Both builders must reject the build, with a message that contains each of these texts. */
  fails?: string[];
  /** Differences of newer BuildKit from the version that made the records. */
  newer?: Newer[];
  /** Differences of varve from every version of BuildKit, with the reason. */
  otherwise?: Newer[];
}

export interface RunFlags {
  network?: "none" | "host";
  /** `NAME:ADDRESS` each. */
  hosts?: string[];
  ulimits?: { name: string; soft: number; hard: number }[];
  /** Bytes. */
  shmSize?: number;
}

/** A string is a file with mode 0644. */
export type ContextEntry =
  | string
  | ContextFile
  | ContextDir
  | ContextLink
  | ContextHardlink
  | ContextFifo
  | ContextTar;

interface ContextFile {
  content: string | Uint8Array;
  mode?: number;
  /** May bind low ports: gives the file a `security.capability`. */
  bindsLowPorts?: boolean;
  /** Seconds since 1970; by default a time that depends on the contents. */
  mtime?: number;
}
interface ContextDir {
  dir: true;
  mode?: number;
}
interface ContextLink {
  symlink: string;
}
/** A second name of a file of the context. */
interface ContextHardlink {
  hardlink: string;
}
interface ContextFifo {
  fifo: true;
  mode?: number;
}
/** A file that is an archive of these members. */
interface ContextTar {
  tar: Member[];
  compression?: Compression;
}

export type Compression = "gzip" | "bzip2" | "xz" | "zstd";

/** The values of the placeholders in a case. */
export interface Addresses {
  http: string;
  registry: string;
}

/** The text with its placeholders replaced. */
export function fill(text: string, addresses: Addresses): string {
  return text.replaceAll("{{http}}", addresses.http).replaceAll("{{registry}}", addresses.registry);
}

/** The image with placeholders in place of the addresses. */
export function blankImage(image: ImageResult, addresses: Addresses): ImageResult {
  const { rootfs, ...rest } = image;
  return { ...JSON.parse(blank(JSON.stringify(rest), addresses)), rootfs };
}

/** The text with placeholders in place of the addresses, so that it is equal in every run. */
export function blank(text: string, addresses: Addresses): string {
  return text.replaceAll(addresses.http, "{{http}}").replaceAll(addresses.registry, "{{registry}}");
}
