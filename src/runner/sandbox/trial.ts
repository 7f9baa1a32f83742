import { chmodSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entitlement } from "../../../schemas/options.ts";
import { MountStubs, SYSTEM_POINTS } from "../files/mount-stubs.ts";
import { removeTree } from "../files/remove-tree.ts";
import { DOCKER_NEEDS, UnableError } from "./ability.ts";
import { type Host, launch } from "./launch.ts";
import type { ResourceLimits } from "./oci-spec.ts";
import { EMPTY_STACK } from "./overlay-stacks.ts";
import { readRuntimeLog } from "./runtime-log.ts";
import { Sandbox } from "./sandbox.ts";

/** Time limit in milliseconds. After it the machine counts as able: it may only be busy. */
const TRIAL_MS = 5_000;
/**
 * An empty executable file, so that no program is needed. The kernel rejects it (ENOEXEC) when the runtime has done everything
 * else. The shell of the runtime unshare then takes it for a script, for which it finds no shell.
 */
const PROGRAM = "/varve-trial";
/** What runtimes write about calls that the machine refuses. */
export const REFUSED = /operation not permitted|permission denied|read-only file system/i;

interface TrialHost extends Host {
  /** Folder for the files of steps. */
  jobs: string;
  /** Rights that builds may request for their steps. */
  rights: ReadonlySet<Entitlement>;
  /** Limits of each step. */
  limits: ResourceLimits;
}

/**
 * Starts a container as a step is started. Ignores failures for which the machine is not the reason.
 * @throws {UnableError} when the machine refuses what the runtime needs
 * @throws {HostError} when it cannot mount the file systems
 */
export async function tryContainer(host: TrialHost): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(host.jobs, "trial-"));
  cleanup.defer(() => removeTree(folder));
  const id = "trial";
  const log = join(folder, "runtime.log");
  // The network that needs the fewest rights among those that steps may use.
  const network = host.rights.has("network.host") ? "host" : "none";
  const { command, method, describe } = launch(host, { id, folder, network, log });
  const sandbox = await Sandbox.open(folder, [EMPTY_STACK], command, method);
  cleanup.defer(() => host.groups.remove(id));
  cleanup.defer(() => sandbox.close());
  const root = `${sandbox.inside}/root/merged`;
  writeFileSync(root + PROGRAM, "");
  chmodSync(root + PROGRAM, 0o755);
  for (const point of SYSTEM_POINTS) new MountStubs().make(root, point, []);
  describe(sandbox, {
    args: [PROGRAM],
    env: [],
    workdir: "/",
    account: { uid: 0, gid: 0, groups: [], home: "/root" },
    hostname: id,
    mounts: [],
    limits: host.limits,
  });
  const output = await outputOf(sandbox);
  // Inside the container crun has only its standard error.
  const logged = await readFile(log, "utf8").catch(() => "");
  const { failure = output } = readRuntimeLog(logged + output);
  if (REFUSED.test(failure))
    throw new UnableError(
      `${host.runtime.name} cannot start containers: ${failure.trim()}. ${DOCKER_NEEDS}, and no --cap-add SYS_ADMIN`,
    );
}

/** Runs the command of a sandbox until its end or its time limit. @returns what it wrote */
async function outputOf(sandbox: Sandbox): Promise<string> {
  let output = "";
  for (const stream of [sandbox.stdout, sandbox.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const limit = setTimeout(() => sandbox.close(), TRIAL_MS);
  sandbox.run();
  await sandbox.exit;
  clearTimeout(limit);
  return output;
}
