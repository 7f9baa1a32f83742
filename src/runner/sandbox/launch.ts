import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlGroups } from "./control-group.ts";
import { type Container, filterProgram, ociConfig } from "./oci-spec.ts";
import { type Runtime, runtimeCommand } from "./runtime.ts";
import { NETWORK_DESCRIPTOR, type Sandbox, type SandboxMethod } from "./sandbox.ts";
import { canFilter, startScript, unshareCommand, unshareScript } from "./unshare.ts";

/** What the containers of one machine share. */
export interface Host {
  groups: ControlGroups;
  runtime: Runtime;
  method: SandboxMethod;
  /** Folder that `copyTools` filled, for the runtime "unshare". */
  tools: string;
}

/** How to start a container: open a sandbox with `command`, then call `describe`, then run the sandbox. */
interface Launch {
  /** Command of the sandbox. */
  command: string[];
  method: SandboxMethod;
  /** Path of its control group; undefined where groups cannot be made. */
  cgroup: string | undefined;
  /** Writes the container's description for its runtime, once its file systems are mounted. */
  describe(
    sandbox: Sandbox,
    container: Omit<Container, "rootfs" | "cgroup" | "ownsMachine" | "network">,
  ): void;
}

/** Files in the memory file system. */
const SCRIPT = "run.sh";
const START = "start.sh";
const FILTER = "filter";
const ENTER_NETWORK: readonly string[] = ["nsenter", `--net=/proc/self/fd/${NETWORK_DESCRIPTOR}`];

/**
 * Prepares the start of the container `id` with its files in `folder`. For a network `own`, the sandbox inherits the
 * descriptor of the namespace.
 * @param log file for the runtime's errors
 */
export function launch(
  { groups, runtime, method, tools }: Host,
  { id, folder, network, log }: { id: string; folder: string; network: Container["network"]; log?: string },
): Launch {
  const isScript = runtime.name === "unshare";
  const cgroup = isScript || !method.ownsMachine ? undefined : groups.path(id);
  const memory = join(folder, "memory");
  const command = isScript
    ? unshareCommand(join(memory, SCRIPT), network)
    : runtimeCommand(runtime, { bundle: memory, id, hasGroups: cgroup !== undefined, log });
  return {
    command: network === "own" ? [...ENTER_NETWORK, ...command] : command,
    method: {
      ...method,
      // Without a control group nothing else prevents the use of device files in an image.
      overlay: method.overlay + (cgroup === undefined && method.ownsMachine ? ",nodev" : ""),
    },
    cgroup,
    describe({ inside, pid }, described) {
      const rootfs = join(folder, "root/merged");
      const container = { ...described, network, rootfs, cgroup, ownsMachine: method.ownsMachine };
      const write = (name: string, content: string | Uint8Array) =>
        writeFileSync(`${inside}/memory/${name}`, content, { mode: 0o600 });
      if (!isScript) return write("config.json", ociConfig(container));
      const filter = canFilter() ? filterProgram(container) : undefined;
      if (filter !== undefined) write(FILTER, filter);
      write(START, startScript(container));
      const files = { tools, start: join(memory, START), filter: filter && join(memory, FILTER) };
      write(SCRIPT, unshareScript(container, `${inside}/root/merged`, files));
      if (method.ownsMachine && pid !== undefined) groups.enter(id, pid, described.limits ?? {});
    },
  };
}
