import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlGroups } from "./control-group.ts";
import { type Container, filterProgram, ociConfig } from "./oci-spec.ts";
import { type Runtime, runtimeCommand } from "./runtime.ts";
import { type Ground, NETWORK_DESCRIPTOR, type Sandbox } from "./sandbox.ts";
import { canFilter, startScript, unshareCommand, unshareScript } from "./unshare.ts";

/** What containers of one machine are started with. */
export interface Host {
  groups: ControlGroups;
  runtime: Runtime;
  ground: Ground;
  /** What `copyTools` made, for the runtime "unshare". */
  tools: string;
}

/** A container that can be started: first its sandbox, then itself. */
export interface Launch {
  /** For the sandbox. */
  command: string[];
  ground: Ground;
  /** Path of its control group; undefined where there are none to be had. */
  cgroup: string | undefined;
  /** Describes the container to its runtime, once its file systems are there. */
  describe(
    sandbox: Sandbox,
    container: Omit<Container, "rootfs" | "cgroup" | "ownsMachine" | "network">,
  ): void;
}

/** Files in the folder in memory. */
const SCRIPT = "run.sh";
const START = "start.sh";
const FILTER = "filter";
const ENTER_NETWORK: readonly string[] = ["nsenter", `--net=/proc/self/fd/${NETWORK_DESCRIPTOR}`];

/**
 * How the container `id` is started, its files in `folder`. With a network of its own, the sandbox passes the namespace.
 * @param log where the runtime writes why it could not start it
 */
export function launch(
  { groups, runtime, ground, tools }: Host,
  { id, folder, network, log }: { id: string; folder: string; network: Container["network"]; log?: string },
): Launch {
  const isScript = runtime.name === "unshare";
  const cgroup = isScript || !ground.ownsMachine ? undefined : groups.path(id);
  const memory = join(folder, "memory");
  const command = isScript
    ? unshareCommand(join(memory, SCRIPT), network)
    : runtimeCommand(runtime, { bundle: memory, id, hasGroups: cgroup !== undefined, log });
  return {
    command: network === "own" ? [...ENTER_NETWORK, ...command] : command,
    ground: {
      ...ground,
      // Without a control group nothing else keeps a process from devices that an image brings.
      overlay: ground.overlay + (cgroup === undefined && ground.ownsMachine ? ",nodev" : ""),
    },
    cgroup,
    describe({ inside, pid }, described) {
      const rootfs = join(folder, "root/merged");
      const container = { ...described, network, rootfs, cgroup, ownsMachine: ground.ownsMachine };
      const write = (name: string, content: string | Uint8Array) =>
        writeFileSync(`${inside}/memory/${name}`, content, { mode: 0o600 });
      if (!isScript) return write("config.json", ociConfig(container));
      const filter = canFilter() ? filterProgram(container) : undefined;
      if (filter !== undefined) write(FILTER, filter);
      write(START, startScript(container));
      const files = { tools, start: join(memory, START), filter: filter && join(memory, FILTER) };
      write(SCRIPT, unshareScript(container, `${inside}/root/merged`, files));
      if (ground.ownsMachine && pid !== undefined) groups.enter(id, pid, described.limits ?? {});
    },
  };
}
