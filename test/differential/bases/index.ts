import { createHash } from "node:crypto";
import { flatten } from "../archive/flatten.ts";
import type { RootfsEntry } from "../result.ts";
import { busyboxImage, findBusybox } from "./busybox.ts";
import type { BaseImage } from "./image.ts";
import { languageImages } from "./languages.ts";
import { multiPlatform, smallImages } from "./small.ts";

const busybox = findBusybox();

/** Images of one platform; they are loaded into a docker daemon under their names and put into the registry. */
export const bases: BaseImage[] = [busyboxImage(busybox), ...smallImages, ...languageImages];

/** Images of several platforms that share a name. Only the registry has them. */
export const indexes: BaseImage[][] = [multiPlatform];

/** Digest and size of the one file whose bytes depend on the machine. Records have its name instead of its contents. */
export const busyboxBinary = {
  sha256: createHash("sha256").update(busybox.binary).digest("hex"),
  size: busybox.binary.length,
};

/** Stands for the digest of the busybox binary in a record. */
export const BUSYBOX = "busybox";

function find(key: string): BaseImage {
  const image = [...bases, ...indexes.flat()].find((base) => keyOf(base) === key);
  if (image === undefined) throw new Error(`Cannot read base "${key}": no such base image`);
  return image;
}

/** The file tree of a base by the name that a record gives it; empty for `scratch`. */
export function baseRootfs(key: string): RootfsEntry[] {
  return key === "scratch" ? [] : flatten(find(key).layers.map((layer) => layer.members));
}

/** Number of lines of history that an image has from its base. */
export function baseHistoryLength(key: string): number {
  if (key === "scratch") return 0;
  const { layers, emptyHistory = [] } = find(key);
  return layers.length + emptyHistory.length;
}

/** How a record names a base: `name` or, for one of several platforms, `name os/architecture[/variant]`. */
export function keyOf(base: BaseImage): string {
  const { os, architecture, variant } = base.platform;
  const one = bases.includes(base);
  return one ? base.name : `${base.name} ${[os, architecture, variant].filter(Boolean).join("/")}`;
}
