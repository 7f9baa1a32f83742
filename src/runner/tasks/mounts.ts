import { chmodSync, chownSync, lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Job, JobMount, RunTask } from "../../../schemas/runner.ts";
import { openAgentSocket } from "../agent-socket.ts";
import type { Caches, HeldCache } from "../caches/caches.ts";
import { tmpfsMode } from "../containers/container-mounts.ts";
import type { MountPoint } from "../files/mount-stubs.ts";
import { resolveInRoot } from "../files/root-path.ts";
import { JobError } from "../job-error.ts";
import { hostsFile } from "../network/hosts-file.ts";
import { readSocketTables } from "../network/loopback-listeners.ts";
import type { StepNetwork } from "../network/step-networks.ts";
import type { Keyring } from "../sandbox/keyring.ts";
import type { SpecMount } from "../sandbox/oci-spec.ts";
import type { Stack } from "../sandbox/overlay-stacks.ts";
import type { TaskTrees } from "./task-trees.ts";

/** Inputs for making mounts. */
interface MountContext {
  trees: TaskTrees;
  caches: Caches;
  /** The client's, if this runner is on its machine. */
  keyring: Keyring | undefined;
  /** Receives the file systems of mounts. */
  stacks: Stack[];
  cleanup: AsyncDisposableStack;
  signal: AbortSignal;
  network: StepNetwork;
}

/** The mounts of a job in the form of the runtime specification. */
interface PlacedMounts {
  spec: SpecMount[];
  /** Their mount points, in the same order. */
  points: MountPoint[];
  /** Secrets as variables. */
  env: [name: string, value: string][];
}

/** Makes a mount, once the file systems are mounted. `inside` and `folder` are the job's folder for this program and inside. */
type Maker = (inside: string, folder: string) => Promise<Partial<PlacedMount>>;

interface PlacedMount {
  spec: SpecMount;
  isDirectory: boolean;
  env: [string, string];
}

/** Collects the inputs of a job's mounts. The returned function makes the mounts. */
export async function prepareMounts(
  job: Job,
  task: RunTask,
  context: MountContext,
): Promise<(inside: string, folder: string) => Promise<PlacedMounts>> {
  const makers: Maker[] = [
    memoryFile("resolv.conf", "/etc/resolv.conf", context.network.nameServers),
    memoryFile(
      "hosts",
      "/etc/hosts",
      hostsFile(hostnameOf(task), task.hosts ?? [], context.network.allowed, readSocketTables),
    ),
  ];
  const caches = await holdCaches(job, task, context);
  for (const [index, mount] of task.mounts.entries())
    makers.push(await prepare(mount, index, context, caches));
  if (task.script !== undefined) {
    makers.push(memoryFile("script", task.script.path, task.script.content, { mode: 0o755 }));
  }
  return async (inside, folder) => {
    const placed: PlacedMounts = { spec: [], points: [], env: [] };
    for (const make of makers) {
      const { spec, isDirectory = true, env } = await make(inside, folder);
      if (env !== undefined) placed.env.push(env);
      if (spec === undefined) continue;
      placed.spec.push(spec);
      placed.points.push({ target: spec.destination, isDirectory });
    }
    return placed;
  };
}

async function prepare(
  mount: JobMount,
  index: number,
  context: MountContext,
  caches: ReadonlyMap<string, HeldCache>,
): Promise<Maker> {
  switch (mount.type) {
    case "bind":
      return prepareBind(mount, `bind-${index}`, context);
    case "cache":
      return prepareCache(mount, `cache-${index}`, context, caches.get(mount.key) as HeldCache);
    case "tmpfs":
      return async (inside) => ({ spec: tmpfs(mount, `${inside}/root/merged`) });
    case "secret": {
      const value = await secretOf(mount, context.keyring);
      const { target, env } = mount;
      const file = target === undefined ? undefined : memoryFile(`secret-${index}`, target, value, mount);
      return async (inside, folder) => ({
        ...(file !== undefined && (await file(inside, folder))),
        ...(env !== undefined && { env: [env, value.toString()] }),
      });
    }
    case "ssh":
      return prepareAgent(mount, context);
  }
}

async function secretOf(
  { id, value }: Extract<JobMount, { type: "secret" }>,
  keyring: Keyring | undefined,
): Promise<Buffer> {
  if (value !== undefined) return Buffer.from(value, "base64");
  return Buffer.from(await readKeyring(`secret ${id}`, keyring, (own) => own.secret(id)));
}

async function prepareAgent(
  mount: Extract<JobMount, { type: "ssh" }>,
  { keyring, cleanup }: MountContext,
): Promise<Maker> {
  const { id, target, required, forwarded } = mount;
  if (!forwarded) {
    if (!required) return async () => ({});
    throw new JobError("refused", `unset ssh forward key ${id}`);
  }
  const agent = await readKeyring(`ssh agent ${id}`, keyring, (own) => own.agent(id));
  const socket = await openAgentSocket(agent, mount);
  cleanup.defer(() => socket.close());
  const options = ["rbind", "nosuid", "nodev", "noexec"];
  return async () => ({
    spec: { destination: target, type: "bind", source: socket.path, options },
    isDirectory: false,
  });
}

/** @throws {JobError} when the client cannot provide what it offered */
async function readKeyring<T>(
  what: string,
  keyring: Keyring | undefined,
  read: (keyring: Keyring) => Promise<T>,
): Promise<T> {
  if (keyring === undefined) throw new JobError("refused", `this runner has no ${what}`);
  try {
    return await read(keyring);
  } catch (error) {
    throw new JobError("refused", `Cannot read ${what} from the client: ${(error as Error).message}`);
  }
}

function tmpfs({ target, readonly, size }: Extract<JobMount, { type: "tmpfs" }>, root: string): SpecMount {
  const options = ["nosuid", `mode=${tmpfsMode(root, target)}`];
  if (readonly) options.push("ro");
  if (size !== undefined) options.push(`size=${size}`);
  return { destination: target, type: "tmpfs", source: "tmpfs", options };
}

async function prepareBind(
  mount: Extract<JobMount, { type: "bind" }>,
  name: string,
  { trees, stacks }: MountContext,
): Promise<Maker> {
  const { paths, root, source } = await trees.mounted(mount.from, mount.source);
  stacks.push({ name, paths, root, writable: !mount.readonly });
  return async (inside, folder) => within(inside, folder, `/${name}/merged`, { ...mount, source });
}

/** Holds the caches of a job, each once, in the order of their keys, so that two jobs cannot wait for each other. */
async function holdCaches(
  job: Job,
  task: RunTask,
  { caches, cleanup, signal }: MountContext,
): Promise<ReadonlyMap<string, HeldCache>> {
  const held = new Map<string, HeldCache>();
  const mounts = task.mounts.filter((mount) => mount.type === "cache");
  for (const mount of mounts.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (held.has(mount.key)) continue;
    // The path of a subdirectory is resolved before the runtime mounts it. Another step could replace it with a link.
    const isAlone = mounts.some(({ key, source }) => key === mount.key && !isRoot(source));
    const cache = await caches.hold(job, mount, signal, isAlone);
    cleanup.defer(() => cache.release());
    held.set(mount.key, cache);
  }
  return held;
}

function isRoot(path: string): boolean {
  return path.split("/").every((name) => name === "" || name === ".");
}

async function prepareCache(
  mount: Extract<JobMount, { type: "cache" }>,
  name: string,
  { trees, stacks }: MountContext,
  cache: HeldCache,
): Promise<Maker> {
  if (mount.from !== undefined) {
    const { paths, root } = await trees.mounted(mount.from, mount.source);
    stacks.push({ name, paths, root, writable: false });
  }
  return async (inside) => {
    if (mount.from !== undefined) await cache.fill(`${inside}/${name}/merged`);
    return within("", "", cache.path, mount);
  };
}

/** A bind mount of `source` below `base`. */
function within(
  inside: string,
  folder: string,
  base: string,
  { source, target, readonly }: { source: string; target: string; readonly: boolean },
): Partial<PlacedMount> {
  const { found, missing } = resolveInRoot(inside + base, source);
  if (missing.length > 0) throw new JobError("refused", `${JSON.stringify(source)}: not found`);
  return {
    spec: {
      destination: target,
      type: "bind",
      source: folder + base + found,
      options: ["rbind", readonly ? "ro" : "rw"],
    },
    isDirectory: lstatSync(inside + base + found).isDirectory(),
  };
}

/** Makes a file that is never on disk. */
function memoryFile(
  name: string,
  target: string,
  content: string | Uint8Array,
  { mode = 0o644, uid = 0, gid = 0 }: { mode?: number; uid?: number; gid?: number } = {},
): Maker {
  return async (inside, folder) => {
    const path = `${inside}/memory/${name}`;
    writeFileSync(path, content, { mode: 0o600 });
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    const options = ["rbind", "ro", "nosuid", "nodev", ...((mode & 0o111) === 0 ? ["noexec"] : [])];
    const source = join(folder, "memory", name);
    return { spec: { destination: target, type: "bind", source, options }, isDirectory: false };
  };
}

/** The host name of the step: the build's, or that of `docker build`. */
export function hostnameOf({ hostname }: RunTask): string {
  return hostname || "buildkitsandbox";
}
