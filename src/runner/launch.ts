import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlGroups } from "./control-group.ts";
import { type Container, ociSpec } from "./oci-spec.ts";
import { type Runtime, runtimeCommand } from "./runtime.ts";
import type { Ground, Sandbox } from "./sandbox.ts";
import { behindPasta, type DefaultNetwork } from "./step-network.ts";
import { unshareCommand, unshareScript } from "./unshare.ts";

/** What containers of one machine are started with. */
export interface Host {
  groups: ControlGroups;
  runtime: Runtime;
  ground: Ground;
  /** What `copyTools` made, for the runtime "unshare". */
  tools: string;
  /** What containers are in that do not choose. */
  network: DefaultNetwork;
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

const SCRIPT = "run.sh";

/**
 * How the container `id` is started, its files in `folder`.
 * @param log where the runtime writes why it could not start it
 */
export function launch(
  { groups, runtime, ground, tools, network: byDefault }: Host,
  { id, folder, network, log }: { id: string; folder: string; network: Container["network"]; log?: string },
): Launch {
  const isScript = runtime.name === "unshare";
  const cgroup = isScript || !ground.ownsMachine ? undefined : groups.path(id);
  const memory = join(folder, "memory");
  const settled = network === "default" && byDefault === "none" ? "none" : network;
  const command = isScript
    ? unshareCommand(join(memory, SCRIPT), settled)
    : runtimeCommand(runtime, { bundle: memory, id, hasGroups: cgroup !== undefined, log });
  return {
    command: settled === "default" && byDefault === "pasta" ? behindPasta(command, memory) : command,
    ground: {
      ...ground,
      // Without a control group nothing else keeps a process from devices that an image brings.
      overlay: ground.overlay + (cgroup === undefined && ground.ownsMachine ? ",nodev" : ""),
    },
    cgroup,
    describe({ inside }, described) {
      const rootfs = join(folder, "root/merged");
      const container = { ...described, network: settled, rootfs, cgroup, ownsMachine: ground.ownsMachine };
      const [name, text] = isScript
        ? [SCRIPT, unshareScript(container, `${inside}/root/merged`, tools)]
        : ["config.json", JSON.stringify(ociSpec(container))];
      writeFileSync(`${inside}/memory/${name}`, text, { mode: 0o600 });
    },
  };
}
