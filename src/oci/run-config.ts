import { pathInRoot } from "../tar/path.ts";
import type { ContainerConfig } from "./config.ts";

/**
 * The words of a container's process, as docker makes them of an image and of what is given. An entrypoint removes the
 * image's command as well; an empty one leaves the words alone.
 */
export function processWords(
  config: ContainerConfig,
  { entrypoint, words }: { entrypoint?: string | undefined; words: readonly string[] },
): string[] {
  if (entrypoint !== undefined) return [...(entrypoint === "" ? [] : [entrypoint]), ...words];
  return [...(config.Entrypoint ?? []), ...(words.length > 0 ? words : (config.Cmd ?? []))];
}

/** Paths of the image's volumes, but for those where something else is mounted. */
export function imageVolumes(config: ContainerConfig, taken: ReadonlySet<string>): string[] {
  return Object.keys(config.Volumes ?? {})
    .map(normalPath)
    .filter((target) => !taken.has(target));
}

/** An absolute path without `.`, `..` and empty names. */
export function normalPath(path: string): string {
  return `/${pathInRoot(path)}`;
}
