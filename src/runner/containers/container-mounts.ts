import { existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MountPoint, SYSTEM_POINTS } from "../files/mount-stubs.ts";
import { tryReadText } from "../files/read-text.ts";
import { resolveInRoot } from "../files/root-path.ts";
import type { SpecMount } from "../sandbox/oci-spec.ts";
import { programName } from "../snapshots/directory-claims.ts";
import { fillVolume, type Volumes } from "./volumes.ts";

/** A mount of a container, at an absolute path. */
export type ContainerMount =
  | {
      type: "bind";
      /** Absolute, on this machine. */
      source: string;
      target: string;
      readonly: boolean;
      /** Makes a missing source as a directory. */
      create: boolean;
    }
  | {
      type: "volume";
      /** A volume without a name is removed with the container. */
      name?: string;
      target: string;
      readonly: boolean;
      /** An empty volume starts with the files that the image has at `target`. */
      copy: boolean;
    }
  | { type: "tmpfs"; target: string; options: readonly string[] };

/** A mount in the form of the runtime specification, and its mount point. */
interface PlacedContainerMount {
  spec: SpecMount;
  point: MountPoint;
}

/** Makes the mounts of a container, outer ones first. `root` is its file system, `folder` is for its other files. */
export async function placeContainerMounts(
  mounts: readonly ContainerMount[],
  { root, folder, volumes }: { root: string; folder: string; volumes: Volumes },
): Promise<PlacedContainerMount[]> {
  const sorted = mounts.toSorted((a, b) => depth(a.target) - depth(b.target));
  const placed: PlacedContainerMount[] = [];
  for (const [index, mount] of sorted.entries()) {
    if (mount.type === "tmpfs") placed.push(placeTmpfs(mount, root));
    else if (mount.type === "bind") placed.push(placeBind(mount));
    else {
      const source =
        mount.name === undefined ? join(folder, `volume-${index}`) : volumes.open(mount.name, programName());
      mkdirSync(source, { recursive: true });
      if (mount.copy) await fillVolume(source, root, mount.target);
      placed.push(bound({ ...mount, source }));
    }
  }
  return placed;
}

interface NetworkFiles {
  hostname: string;
  network: "host" | "none";
  /** Further lines. */
  hosts: readonly (readonly [name: string, address: string])[];
}

/** Mounts `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf` with docker's contents. */
export function placeNetworkFiles(
  folder: string,
  { hostname, network, hosts }: NetworkFiles,
): PlacedContainerMount[] {
  const files = {
    "resolv.conf": network === "host" ? (tryReadText("/etc/resolv.conf") ?? "") : "",
    hosts:
      (network === "host" ? (tryReadText("/etc/hosts") ?? "") : ownHosts) +
      hosts.map(([name, address]) => `${address}\t${name}\n`).join(""),
    hostname: `${hostname}\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    const source = join(folder, name);
    writeFileSync(source, text, { mode: 0o644 });
    return bound({ source, target: `/etc/${name}`, readonly: false });
  });
}

const ownHosts = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff00::0\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
  "",
].join("\n");

function placeBind(mount: Extract<ContainerMount, { type: "bind" }>): PlacedContainerMount {
  if (mount.create && !existsSync(mount.source)) mkdirSync(mount.source, { recursive: true });
  return bound(mount);
}

function placeTmpfs(
  { target, options }: Extract<ContainerMount, { type: "tmpfs" }>,
  root: string,
): PlacedContainerMount {
  const given = new Set(options.map((option) => option.split("=")[0]));
  const safe = ["noexec", "nosuid", "nodev"].filter((name) => !given.has(name.replace(/^no/, "")));
  const mode = given.has("mode") ? [] : [`mode=${tmpfsMode(root, target)}`];
  return {
    spec: { destination: target, type: "tmpfs", source: "tmpfs", options: [...safe, ...mode, ...options] },
    point: { target, isDirectory: true },
  };
}

function bound({
  source,
  target,
  readonly,
}: {
  source: string;
  target: string;
  readonly: boolean;
}): PlacedContainerMount {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new Error(`invalid mount config for type "bind": bind source path does not exist: ${source}`);
  }
  return {
    spec: { destination: target, type: "bind", source, options: ["rbind", readonly ? "ro" : "rw"] },
    point: { target, isDirectory: stats.isDirectory() },
  };
}

/**
 * The mode of a tmpfs, in octal digits: that of the directory at `target`. A directory of the image that another mount
 * hides does not count.
 */
export function tmpfsMode(root: string, target: string): string {
  const { found, missing } = resolveInRoot(root, target);
  const isHidden = SYSTEM_POINTS.some((point) => target.startsWith(`${point.target}/`));
  return (isHidden || missing.length > 0 ? 0o1777 : lstatSync(root + found).mode & 0o7777).toString(8);
}

function depth(path: string): number {
  return path.split("/").filter(Boolean).length;
}
