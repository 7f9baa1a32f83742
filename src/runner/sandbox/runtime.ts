import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";

/** A program that runs containers. */
export interface Runtime {
  name: RuntimeName;
  path: string;
}

export type RuntimeName = "crun" | "runc" | "unshare";

/**
 * The runtime of this name; without a name crun, the fastest, else runc, else unshare of util-linux. Undefined when it is
 * not installed.
 */
export function findRuntime(name?: RuntimeName): Runtime | undefined {
  if (name === undefined) return findRuntime("crun") ?? findRuntime("runc") ?? findRuntime("unshare");
  const path = findProgram(name);
  return path === undefined ? undefined : { name, path };
}

/** crun rejects machines with controllers of both versions of control groups, so the newer ones are hidden from it. */
const UNIFIED = "/sys/fs/cgroup/unified";

function hasMixedGroups(): boolean {
  try {
    return readFileSync(`${UNIFIED}/cgroup.controllers`, "utf8").trim() !== "";
  } catch {
    return false;
  }
}

/** The path of a program that is on PATH or in a system folder. */
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

/** A runtime with its general options. @param log file for its errors */
export function runtimeProgram(
  runtime: Runtime,
  { bundle, hasGroups, log }: { bundle: string; hasGroups: boolean; log?: string | undefined },
): string[] {
  const isCrun = runtime.name === "crun";
  return [
    runtime.path,
    "--root",
    `${bundle}/state`,
    ...(log === undefined ? [] : ["--log", isCrun ? `file:${log}` : log, "--log-format=json"]),
    ...(isCrun ? [`--cgroup-manager=${hasGroups ? "cgroupfs" : "disabled"}`] : []),
  ];
}

/**
 * The command that runs the container of a bundle. The runtime keeps the container's state, so that the counters of its
 * control group can be read afterwards; the state disappears with the memory file system.
 */
export function runtimeCommand(
  runtime: Runtime,
  options: { bundle: string; id: string; hasGroups: boolean; log?: string | undefined },
): string[] {
  const { bundle, id } = options;
  const command = [...runtimeProgram(runtime, options), "run", "--keep", "--bundle", bundle, id];
  return runtime.name === "crun" && hasMixedGroups()
    ? ["sh", "-c", `mount -t tmpfs tmpfs ${UNIFIED}; exec "$0" "$@"`, ...command]
    : command;
}
