import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { missing, type Program, run } from "./programs.ts";

/** A daemon that a suite starts, with separate state. */
export interface Daemon {
  socket: string;
  stop(): Promise<void>;
}

/** Starts containerd with its state in a folder. */
export async function startContainerd(folder: string): Promise<Daemon> {
  const home = join(folder, "containerd");
  await mkdir(home, { recursive: true });
  const socket = join(home, "socket");
  const config = [
    "version = 2",
    `root = "${join(home, "root")}"`,
    `state = "${join(home, "state")}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    "[grpc]",
    `address = "${socket}"`,
  ];
  await writeFile(join(home, "config.toml"), config.join("\n"));
  const daemon = await start("containerd", ["--config", join(home, "config.toml")], home, () =>
    run("ctr", ["--address", socket, "version"]),
  );
  return { socket, stop: daemon.stop };
}

interface DockerdOptions {
  /** Keeps images in containerd, as later versions do: indexes and attestations, too. */
  hasContainerdStore?: boolean;
}

/** Starts dockerd with its state in a folder: on overlay2, or on vfs where there is no overlayfs. */
export async function startDockerd(folder: string, options: DockerdOptions = {}): Promise<Daemon> {
  const containerd = await startContainerd(folder);
  let reason: unknown;
  const drivers = options.hasContainerdStore ? ["overlayfs", "native"] : ["overlay2", "vfs"];
  for (const driver of drivers) {
    const home = join(folder, driver);
    await mkdir(home, { recursive: true });
    const features = { "containerd-snapshotter": options.hasContainerdStore ?? false };
    await writeFile(join(home, "daemon.json"), JSON.stringify({ features }));
    const socket = join(home, "socket");
    const args = [
      `--config-file=${join(home, "daemon.json")}`,
      `--data-root=${join(home, "data")}`,
      `--exec-root=${join(home, "exec")}`,
      `--pidfile=${join(home, "pid")}`,
      `--host=unix://${socket}`,
      `--containerd=${containerd.socket}`,
      `--storage-driver=${driver}`,
      // Containers have the network of the machine or none: no bridge, no rules of a firewall.
      "--bridge=none",
      "--iptables=false",
      "--ip6tables=false",
    ];
    try {
      const daemon = await start("dockerd", args, home, () =>
        run("docker", ["--host", `unix://${socket}`, "info"]),
      );
      return {
        socket,
        async stop() {
          await daemon.stop();
          await containerd.stop();
        },
      };
    } catch (error) {
      reason = error;
    }
  }
  await containerd.stop();
  throw reason;
}

async function start(
  program: Program,
  args: readonly string[],
  home: string,
  answers: () => Promise<unknown>,
): Promise<{ stop(): Promise<void> }> {
  const log = join(home, "log");
  const child = spawn("sh", ["-c", `exec "$@" >"${log}" 2>&1`, "-", program, ...args], { stdio: "ignore" });
  const ended = once(child, "exit");
  for (let tries = 0; tries < 150; tries++) {
    if (child.exitCode === 127) throw missing(program);
    if (hasEnded(child)) break;
    const isUp = await answers().then(
      () => true,
      () => false,
    );
    if (isUp) {
      return {
        async stop() {
          if (hasEnded(child)) return;
          child.kill("SIGTERM");
          await ended;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill("SIGKILL");
  const output = await readFile(log, "utf8").catch(() => "");
  throw new Error(`${program} does not start: ${output.split("\n").slice(-5).join("\n")}`);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
