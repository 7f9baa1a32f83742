import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BaseName } from "./bases.ts";
import type { BuildOptions } from "./builders/builder.ts";

/** A Dockerfile with its context, and the builds that a new builder executes in order. */
export interface Scenario {
  name: string;
  /** Writes the context into an empty folder. */
  write(folder: string): Promise<void>;
  /** Base images that the Dockerfile names. */
  bases: readonly BaseName[];
  builds: readonly Build[];
  /** What steps need from the network. If absent, steps have no proxy. */
  network?: NetworkNeeds;
}

interface NetworkNeeds {
  /** Values of ARG that name the npm registry. */
  npmArg?: string;
  /** Id of a secret with an `.npmrc` that names the npm registry. */
  npmSecret?: string;
}

interface Build {
  name: string;
  /** Changes the context before the build; not part of the time. */
  edit?: (folder: string) => Promise<void>;
  /** Number of builds. Default: one. */
  times?: number;
  /** False: the time does not count. */
  isMeasured?: boolean;
  /** Options of docker, and of varve. */
  docker?: BuildOptions;
  varve?: BuildOptions;
  /** The intended ratio to docker's time. */
  goal?: number;
}

/** The three builds of a project. */
export function usualBuilds(edit: (folder: string) => Promise<void>): Build[] {
  return [
    { name: "cold", goal: 1.05 },
    { name: "one source file changed", edit, goal: 1.1 },
    { name: "unchanged", times: 3, goal: 1 },
  ];
}

/** Appends a unique line. */
export function appendLine(path: string, line: (number: number) => string): Build["edit"] & {} {
  return (folder) => appendFile(join(folder, path), `${line(Date.now())}\n`);
}

/** Replaces a text that occurs once, with a different text each time. */
export function replaceText(path: string, text: string, by: (number: number) => string): Build["edit"] & {} {
  let last = text;
  return async (folder) => {
    const file = join(folder, path);
    const before = await readFile(file, "utf8");
    const found = before.includes(last) ? last : text;
    if (before.split(found).length !== 2) throw new Error(`${file} does not have "${found}" once`);
    last = by(Date.now());
    await writeFile(
      file,
      before.replace(found, () => last),
    );
  };
}

/** Copies a folder of files that are kept as they are. */
export function copyOf(source: string): Scenario["write"] {
  return (folder) => cp(source, folder, { recursive: true });
}
