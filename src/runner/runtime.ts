import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";

/** A program that runs containers. */
export interface Runtime {
  name: "crun" | "runc";
  path: string;
}

/** crun if it is installed, for it is the faster one, else runc. */
export function findRuntime(): Runtime | undefined {
  // crun refuses to work where controllers of both versions of control groups are in use.
  const names = hasMixedGroups() ? (["runc", "crun"] as const) : (["crun", "runc"] as const);
  for (const name of names) {
    const path = findProgram(name);
    if (path !== undefined) return { name, path };
  }
  return undefined;
}

function hasMixedGroups(): boolean {
  try {
    return readFileSync("/sys/fs/cgroup/unified/cgroup.controllers", "utf8").trim() !== "";
  } catch {
    return false;
  }
}

/** Where a program lies that can be called by its name. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * The command that runs the container of the bundle at `bundle` to its end. What it knows of it stays until the
 * memory file system goes: counters of the control group are read afterwards.
 */
export function runtimeCommand(runtime: Runtime, bundle: string, id: string, hasGroups: boolean): string[] {
  const manager = runtime.name === "crun" ? [`--cgroup-manager=${hasGroups ? "cgroupfs" : "disabled"}`] : [];
  return [runtime.path, "--root", `${bundle}/state`, ...manager, "run", "--keep", "--bundle", bundle, id];
}
