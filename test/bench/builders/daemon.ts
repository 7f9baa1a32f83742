import { mkdir, readFile, rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ControlGroup } from "../machine/control-group.ts";
import { type Output, run, startService, stopService } from "../machine/program.ts";
import type { Gateway } from "../network/proxy.ts";

/** A separate dockerd for the benchmark, without other images, build caches or users. */
export interface Daemon extends AsyncDisposable {
  gateway: Gateway;
  /** dockerd and containerd. */
  group: ControlGroup;
  /** Runs the docker command. */
  docker(args: readonly string[], group?: ControlGroup): Promise<Output>;
  /** Removes all images and the build cache. */
  prune(): Promise<void>;
}

/** dockerd listens on more than one address. */
const READY = /API listen on/;

/**
 * Starts dockerd with its state in a folder, a separate socket and a separate bridge. It does not change the packet
 * filter: steps reach only the bridge's gateway, where the proxy listens.
 * @throws {Error} unless root runs it
 */
export async function startDaemon(folder: string): Promise<Daemon> {
  const name = `varve-bench-${process.pid}`;
  const bridge = `vbench${process.pid % 1_000_000}`;
  const gateway = freeGateway();
  const host = `unix://${join(folder, "docker.sock")}`;
  await using failed = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true });
  const group = failed.use(new ControlGroup(`${name}-daemon`));
  const steps = failed.use(new ControlGroup(`${name}-steps`));
  await run("ip", ["link", "add", bridge, "type", "bridge"]);
  failed.defer(() => run("ip", ["link", "delete", bridge]).then(() => {}));
  await run("ip", ["address", "add", `${gateway}/24`, "dev", bridge]);
  await run("ip", ["link", "set", bridge, "up"]);
  const { child } = await startService(
    "dockerd",
    [
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--pidfile", join(folder, "docker.pid"), "--host", host, "--bridge", bridge],
      ...["--iptables=false", "--ip6tables=false", "--ip-masq=false"],
      ...["--cgroup-parent", steps.path],
    ],
    READY,
    { group },
  );
  failed.defer(() => stopService(child));
  const docker = (args: readonly string[], of?: ControlGroup) =>
    run("docker", args, {
      env: { DOCKER_HOST: host, BUILDX_NO_DEFAULT_ATTESTATIONS: "1", DOCKER_CONFIG: join(folder, "config") },
      ...(of !== undefined && { group: of }),
    });
  const stop = failed.move();
  return {
    gateway,
    group,
    docker,
    async prune() {
      await docker(["system", "prune", "--all", "--force", "--volumes"]);
      await docker(["builder", "prune", "--all", "--force"]);
    },
    async [Symbol.asyncDispose]() {
      await stop[Symbol.asyncDispose]();
      await unmountAll(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An address in a network that no interface of this machine uses. */
function freeGateway(): Gateway {
  const taken = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
  for (let third = process.pid % 256, tries = 0; tries < 256; third = (third + 1) % 256, tries += 1) {
    const prefix = `172.29.${third}.`;
    if (!taken.some((address) => address.startsWith(prefix))) return `${prefix}1`;
  }
  throw new Error("Cannot find a network for docker's bridge: all of 172.29.0.0/16 is in use");
}

/** containerd may leave mounts behind. */
async function unmountAll(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mounts", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  for (const mount of mounts.reverse()) {
    if (mount.startsWith(`${folder}/`)) await run("umount", ["--lazy", mount]).catch(() => delay(100));
  }
}
