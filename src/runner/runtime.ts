import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";

/** A program that runs containers. */
export interface Runtime {
  name: RuntimeName;
  path: string;
}

export type RuntimeName = "crun" | "runc" | "unshare";

/** The one that is asked for, or crun, which is the fastest, else runc, else util-linux; undefined when it is not installed. */
export function findRuntime(name?: RuntimeName): Runtime | undefined {
  if (name === undefined) return findRuntime("crun") ?? findRuntime("runc") ?? findRuntime("unshare");
  const path = findProgram(name);
  return path === undefined ? undefined : { name, path };
}

/** crun refuses to work with controllers of both versions of control groups, so that it must not see the newer ones. */
const UNIFIED = "/sys/fs/cgroup/unified";

function hasMixedGroups(): boolean {
  try {
    return readFileSync(`${UNIFIED}/cgroup.controllers`, "utf8").trim() !== "";
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

/** The file beside the log that exists once the process of the container has started. */
export function startedFile(log: string): string {
  return `${log}.started`;
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
    ...(log === undefined ? [] : ["--log", isCrun ? `file:${log}` : log]),
    ...(isCrun ? [`--cgroup-manager=${hasGroups ? "cgroupfs" : "disabled"}`] : []),
  ];
}

/**
 * The command that runs the container of a bundle to its end, in a mount namespace of its own. Its state stays until
 * the memory file system is gone: counters of the control group are read afterwards.
 */
export function runtimeCommand(
  runtime: Runtime,
  options: { bundle: string; id: string; hasGroups: boolean; log?: string | undefined },
): string[] {
  const { bundle, id, log } = options;
  const started = log === undefined ? [] : ["--pid-file", startedFile(log)];
  const command = [...runtimeProgram(runtime, options), "run", "--keep", ...started, "--bundle", bundle, id];
  return runtime.name === "crun" && hasMixedGroups()
    ? ["sh", "-c", `mount -t tmpfs tmpfs ${UNIFIED}; exec "$0" "$@"`, ...command]
    : command;
}
