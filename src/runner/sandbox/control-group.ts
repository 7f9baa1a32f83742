import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../../streams/sha256.ts";
import type { ResourceLimits } from "./oci-spec.ts";

const ROOT = "/sys/fs/cgroup";

/** The control groups of one runner's containers, in one parent group. */
export class ControlGroups {
  readonly #parent: string;
  /**
   * The hierarchies with write access: one with version 2, one per controller with version 1, none where the file system
   * is read-only.
   */
  readonly #hierarchies: readonly string[];

  /** @param data folder of the runner, which makes the name of the parent group unique */
  constructor(data: string) {
    this.#parent = `varve-${sha256Hex(data).slice(0, 12)}`;
    this.#hierarchies = hierarchies().filter((folder) => {
      try {
        mkdirSync(join(folder, this.#parent), { recursive: true });
        return true;
      } catch {
        return false;
      }
    });
  }

  /** Path of a container's group for its runtime; undefined when groups cannot be made. */
  path(container: string): string | undefined {
    return this.#hierarchies.length > 0 ? `/${this.#parent}/${container}` : undefined;
  }

  /**
   * Moves a process and its future children into the container's group, for a runtime that does not use groups. Limits that
   * cannot be set are ignored.
   */
  enter(container: string, pid: number, limits: ResourceLimits): void {
    for (const hierarchy of this.#hierarchies) {
      const folder = join(hierarchy, this.#parent, container);
      for (const above of [hierarchy, join(hierarchy, this.#parent)]) {
        for (const controller of ["+memory", "+pids"])
          write(join(above, "cgroup.subtree_control"), controller);
      }
      mkdirSync(folder, { recursive: true });
      for (const [file, value] of limitFiles(limits)) write(join(folder, file), String(value));
      write(join(folder, "cgroup.procs"), String(pid));
    }
  }

  /** Whether the kernel killed a process of the container because memory ran out. */
  ranOutOfMemory(container: string): boolean {
    return this.#hasEvent(container, ["memory.events", "memory.oom_control"], /^oom_kill [1-9]/m);
  }

  /** Whether the kernel refused to start a process or thread of the container. */
  ranOutOfPids(container: string): boolean {
    return this.#hasEvent(container, ["pids.events"], /^max [1-9]/m);
  }

  #hasEvent(container: string, files: readonly string[], pattern: RegExp): boolean {
    return this.#hierarchies.some((hierarchy) =>
      files.some((name) => {
        try {
          return pattern.test(readFileSync(join(hierarchy, this.#parent, container, name), "utf8"));
        } catch {
          return false;
        }
      }),
    );
  }

  /** Removes what is left of a container's groups; its processes must have ended. */
  remove(container: string): void {
    for (const hierarchy of this.#hierarchies) removeGroup(join(hierarchy, this.#parent, container));
  }

  /** Removes the groups of all containers and their parent. */
  close(): void {
    for (const hierarchy of this.#hierarchies) removeGroup(join(hierarchy, this.#parent));
  }
}

/** Files of both versions of control groups, in the order in which they can be written. */
function limitFiles({ memory, swap, pids }: ResourceLimits): [file: string, value: number][] {
  const files: [string, number][] = [];
  if (memory !== undefined) files.push(["memory.max", memory], ["memory.limit_in_bytes", memory]);
  if (memory !== undefined && swap !== undefined)
    files.push(["memory.swap.max", swap - memory], ["memory.memsw.limit_in_bytes", swap]);
  if (pids !== undefined) files.push(["pids.max", pids]);
  return files;
}

/** Writes to a file of a control group, if the file exists and can be written. */
function write(file: string, text: string): void {
  try {
    if (existsSync(file)) writeFileSync(file, text);
  } catch {
    // The controller is not available.
  }
}

function hierarchies(): string[] {
  if (existsSync(join(ROOT, "cgroup.controllers"))) return [ROOT];
  try {
    return readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(ROOT, name));
  } catch {
    return [];
  }
}

/** Removes inner groups first, because a container may have made some. */
function removeGroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // Already removed, or a process has not ended yet; then the next start removes it.
  }
}
