import type { Member } from "../archive/member.ts";

/** A base image of the cases, which this folder makes. */
export interface BaseImage {
  /** Name on Docker Hub as in a Dockerfile, with a tag. */
  name: string;
  platform: Platform;
  author?: string;
  /** The `config` member of the image config. */
  config: Record<string, unknown>;
  layers: BaseLayer[];
  /** History lines that made no layer; they come after those of the layers. */
  emptyHistory?: string[];
}

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

interface BaseLayer {
  createdBy: string;
  members: Member[];
}

export const amd64: Platform = { os: "linux", architecture: "amd64" };

export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const encoder = new TextEncoder();

interface Ownership {
  mode?: number;
  uid?: number;
  gid?: number;
}

export function file(
  path: string,
  content: string | Uint8Array,
  extra: Ownership & Pick<Member, "xattrs"> = {},
): Member {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  return { path, type: "file", mode: 0o644, uid: 0, gid: 0, content: bytes, ...extra };
}

export function dir(path: string, extra: Ownership = {}): Member {
  return { path, type: "dir", mode: 0o755, uid: 0, gid: 0, ...extra };
}

export function symlink(path: string, link: string, extra: Ownership = {}): Member {
  return { path, type: "symlink", mode: 0o777, uid: 0, gid: 0, link, ...extra };
}

/** Another name of a file. Give it the file's mode and owner: a reader may apply those of either. */
export function hardlink(path: string, link: string, extra: Ownership = {}): Member {
  return { path, type: "hardlink", mode: 0o644, uid: 0, gid: 0, link, ...extra };
}

/** The extended attribute of a file that may bind low ports (`cap_net_bind_service=ep`, revision 2). */
export const bindsLowPorts = { "security.capability": "AQAAAgAEAAAAAAAAAAAAAAAAAAA=" };
