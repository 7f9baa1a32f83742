import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** The control groups of one runner's containers, below a group of its own. */
export class ControlGroups {
  readonly #parent: string;
  /**
   * The hierarchies in which groups can be made: one with version 2, one for each controller with version 1, none
   * where the file system is read-only.
   */
  readonly #hierarchies: readonly string[];

  /** `data` tells runners apart: no two use the same folder. */
  constructor(data: string) {
    this.#parent = `varve-${createHash("sha256").update(data).digest("hex").slice(0, 12)}`;
    this.#hierarchies = hierarchies().filter((folder) => {
      try {
        mkdirSync(join(folder, this.#parent), { recursive: true });
        return true;
      } catch {
        return false;
      }
    });
  }

  /** Where a container's group lies, as the runtime wants it; undefined when there can be none. */
  path(container: string): string | undefined {
    return this.#hierarchies.length > 0 ? `/${this.#parent}/${container}` : undefined;
  }

  /** Whether the kernel killed a process of the container for want of memory. */
  ranOutOfMemory(container: string): boolean {
    return this.#hierarchies.some((hierarchy) =>
      ["memory.events", "memory.oom_control"].some((name) => {
        try {
          const text = readFileSync(join(hierarchy, this.#parent, container, name), "utf8");
          return /^oom_kill [1-9]/m.test(text);
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

  /** Removes the groups of all containers, and the one that they are in. */
  close(): void {
    for (const hierarchy of this.#hierarchies) removeGroup(join(hierarchy, this.#parent));
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
