import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entitlement } from "../../schemas/options.ts";
import { CacheLease } from "./caches/cache-service.ts";
import { Caches } from "./caches/caches.ts";
import { Workspaces } from "./containers/workspaces.ts";
import { fileReason } from "./files/file-reason.ts";
import { lockFolder } from "./files/folder-lock.ts";
import { makeFolder } from "./files/make-folder.ts";
import { removeTree } from "./files/remove-tree.ts";
import { StepNetworks } from "./network/step-networks.ts";
import { DEFAULT_LAYER_BYTES, type Runner, type RunnerOptions } from "./runner-options.ts";
import { findAbility, UnableError } from "./sandbox/ability.ts";
import { ControlGroups } from "./sandbox/control-group.ts";
import { stepLimits } from "./sandbox/step-limits.ts";
import { tryContainer } from "./sandbox/trial.ts";
import { copyTools } from "./sandbox/unshare.ts";
import { needsUserNamespace } from "./sandbox/user-namespace.ts";
import { JobService } from "./server/job-service.ts";
import { Slots } from "./slots.ts";
import { DirectoryStore } from "./snapshots/directory-store.ts";
import type { RunnerContext } from "./tasks/runner-context.ts";
import { WorkingRunner } from "./working-runner.ts";

export type { Runner, RunnerOptions };

/** @throws {UnableError} */
function makeDataFolder(path: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (error) {
    throw new UnableError(
      `Cannot create the folder ${path} for layers and cache mounts: ${fileReason(error)}. Choose another one with --data (varve runner) or XDG_CACHE_HOME (varve build).`,
    );
  }
}

/**
 * Connects to a server and executes its steps.
 * @throws {UnableError} when this machine cannot execute steps
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  if (needsUserNamespace()) return (await import("./runner-apart.ts")).startRunnerApart(options);
  makeDataFolder(options.data);
  const data = await realpath(options.data);
  const ability = await findAbility(data, options);
  const lock = await lockFolder(data);
  // Concurrent with the rest, because it takes longest.
  const networks = StepNetworks.open({
    kind: options.network ?? "default",
    allowed: options.networkAllow ?? [],
    hasOwnUsers: ability.method.userNamespace,
  });
  // Something else may fail first.
  networks.catch(() => {});
  const print = options.print ?? ((text) => process.stderr.write(`${text}\n`));
  try {
    const jobs = join(data, "jobs");
    await removeLeftovers(jobs);
    new ControlGroups(data).close();
    const containers = join(data, "containers");
    await removeTree(containers);
    const tools = join(data, "tools");
    if (ability.runtime.name === "unshare") await copyTools(tools);
    const caches = join(data, "caches");
    // Files with setuid are in it, and the data folder may be one that other users can enter.
    makeFolder(caches, 0o700);
    await chmod(caches, 0o700);
    const layers = join(options.layers ?? join(data, "layers"), ability.method.prefix);
    const context: RunnerContext = {
      jobs,
      containers,
      workspaces: await Workspaces.open(join(data, "workspaces")),
      store: await DirectoryStore.open(
        layers,
        options.layerBytes ?? DEFAULT_LAYER_BYTES,
        ability.method.prefix,
      ),
      writers: new Slots(1),
      service: new JobService(new URL(options.server)),
      caches: new Caches(caches, {
        acquire: (job, key, sharing, signal) =>
          CacheLease.acquire(new URL(options.server), job, key, sharing, signal),
        saves: options.savesCaches ?? true,
        report: print,
      }),
      groups: new ControlGroups(data),
      runtime: ability.runtime,
      method: ability.method,
      tools,
      networks: await networks,
      limits: stepLimits(options),
      rights: grantedRights(options),
      ...(options.keyring && { keyring: options.keyring }),
    };
    if (options.unable === undefined) await tryContainer(context);
    return new WorkingRunner(options, context, lock, await instanceOf(layers));
  } catch (error) {
    await networks.then((opened) => opened.close()).catch(() => {});
    await lock.release();
    throw error;
  }
}

/** A runner whose steps use the machine's network by default also grants it on request. */
function grantedRights({ allow = [], network }: RunnerOptions): Set<Entitlement> {
  return new Set([...allow, ...(network === "host" ? (["network.host"] as const) : [])]);
}

/** A persistent id of a folder of snapshots. */
async function instanceOf(layers: string): Promise<string> {
  const path = `${layers}.instance`;
  try {
    await writeFile(path, randomUUID(), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return (await readFile(path, "utf8")).trim();
}

/** Removes the files of a killed runner's jobs. Nothing in them is mounted or running. */
async function removeLeftovers(jobs: string): Promise<void> {
  await mkdir(jobs, { recursive: true, mode: 0o700 });
  for (const name of await readdir(jobs)) {
    await removeTree(join(jobs, name));
  }
}
