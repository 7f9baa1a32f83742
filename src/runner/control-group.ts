import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";
const PARENT = "varve";

/**
 * The hierarchies of this machine in which groups can be made: one with version 2, one for each controller with
 * version 1, none where the file system is read-only.
 */
function hierarchies(): string[] {
  const candidates = existsSync(join(ROOT, "cgroup.controllers"))
    ? [ROOT]
    : readdirSync(ROOT, { withFileTypes: true, encoding: "utf8" })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(ROOT, entry.name));
  return candidates.filter((folder) => {
    try {
      mkdirSync(join(folder, PARENT), { recursive: true });
      return true;
    } catch {
      return false;
    }
  });
}

/** The control groups of containers, below one parent. */
export class ControlGroups {
  readonly #hierarchies: readonly string[];

  constructor() {
    this.#hierarchies = existsSync(ROOT) ? hierarchies() : [];
  }

  /** Where a container's group lies, as the runtime wants it; undefined when there can be none. */
  path(container: string): string | undefined {
    return this.#hierarchies.length > 0 ? `/${PARENT}/${container}` : undefined;
  }

  /** Whether the kernel killed a process of the container for want of memory. */
  ranOutOfMemory(container: string): boolean {
    return this.#hierarchies.some((hierarchy) =>
      ["memory.events", "memory.oom_control"].some((name) => {
        try {
          const text = readFileSync(join(hierarchy, PARENT, container, name), "utf8");
          return /^oom_kill [1-9]/m.test(text);
        } catch {
          return false;
        }
      }),
    );
  }

  /** Removes what is left of a container's groups; its processes must have ended. */
  remove(container: string): void {
    for (const hierarchy of this.#hierarchies) removeGroup(join(hierarchy, PARENT, container));
  }

  /** Removes those of containers whose names begin so. */
  removeAll(prefix: string): void {
    for (const hierarchy of this.#hierarchies) {
      for (const name of readdirSync(join(hierarchy, PARENT))) {
        if (name.startsWith(prefix)) removeGroup(join(hierarchy, PARENT, name));
      }
    }
  }
}

/** Inner groups first: a container may have made some. */
function removeGroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // Gone already, or a process is just ending; the next start removes it.
  }
}
