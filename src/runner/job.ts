import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Entitlement } from "../../schemas/options.ts";
import { type Job, rightsOf } from "../../schemas/runner.ts";
import { AccountError, accountOf } from "./accounts.ts";
import type { Caches } from "./caches.ts";
import { archiveUpper } from "./diff.ts";
import { DiskFullError, isFull } from "./disk.ts";
import { JobError } from "./job-error.ts";
import { hostnameOf, prepareMounts } from "./job-mounts.ts";
import type { JobService } from "./job-service.ts";
import type { Keyring } from "./keyring.ts";
import { type Host, launch } from "./launch.ts";
import { holdStack } from "./layer-stack.ts";
import type { FetchBlob, LayerStore } from "./layer-store.ts";
import { LogText, logBudget } from "./log-text.ts";
import { MountStubs, makeWorkdir, SYSTEM_POINTS } from "./mount-stubs.ts";
import type { Limits } from "./oci-spec.ts";
import type { Stack } from "./overlay-stacks.ts";
import { removeTree } from "./remove-tree.ts";
import { LinkError } from "./root-path.ts";
import { type Exit, PIPES, Sandbox } from "./sandbox.ts";
import { stepFailure } from "./step-failure.ts";
import type { StepNetworks } from "./step-networks.ts";
import { IdError, requireIds } from "./user-namespace.ts";

/** What jobs of one runner share. */
export interface Workshop extends Host {
  /** Folder for the files of running jobs. */
  jobs: string;
  /** What steps may have beyond the rights of any. */
  rights: ReadonlySet<Entitlement>;
  layers: LayerStore;
  caches: Caches;
  /** Of the client, when the runner is beside it. */
  keyring?: Keyring;
  /** Of each step. */
  limits: Limits;
  networks: StepNetworks;
}

/** Somebody who reads what a step prints. A promise asks for patience. */
export type Log = (stream: "stdout" | "stderr", text: string) => Promise<void> | undefined;

/** How long a process that was told to end may take. */
const GRACE_MS = 1500;

/**
 * Carries out a step and puts what it changed to the server. Resolves when nothing is left of it here; `done` is called
 * as soon as the server has the result.
 * @throws {JobError} when there is no result
 */
export async function runJob(
  job: Job,
  workshop: Workshop,
  service: JobService,
  { log, done, cancelled }: { log: Log; done: () => void; cancelled: AbortSignal },
): Promise<void> {
  const id = `job-${randomUUID()}`;
  const folder = join(workshop.jobs, id);
  await using cleanup = new AsyncDisposableStack();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    cleanup.defer(() => removeTree(folder));
    await perform(job, id, folder, workshop, service, log, cancelled, cleanup);
    done();
  } catch (error) {
    throw await explained(error, workshop, cancelled);
  }
}

async function perform(
  job: Job,
  id: string,
  folder: string,
  workshop: Workshop,
  service: JobService,
  log: Log,
  cancelled: AbortSignal,
  cleanup: AsyncDisposableStack,
): Promise<void> {
  for (const right of rightsOf(job))
    if (!workshop.rights.has(right)) throw new JobError("refused", `${right} is not allowed`);
  const fetchBlob: FetchBlob = (digest, signal) => service.blob(job, digest, signal);
  const hold = async (layers: Job["layers"]) => {
    const stack = await holdStack(workshop.layers, layers, fetchBlob, cancelled);
    cleanup.defer(() => stack.release());
    return stack;
  };
  const stacks: Stack[] = [{ name: "root", ...(await hold(job.layers)), writable: true }];
  const { caches, keyring, groups, networks, limits } = workshop;
  const network = await networks.take(job.network);
  cleanup.defer(() => network.release());
  const means = { hold, caches, keyring, stacks, cleanup, signal: cancelled, network };
  const placeMounts = await prepareMounts(job, means);
  const { command, ground, describe } = launch(workshop, { id, folder, network: network.kind });
  const { namespaces } = network;
  const sandbox = await Sandbox.open(folder, stacks, command, ground, { ...PIPES, namespaces });
  cleanup.defer(() => groups.remove(id));
  cleanup.defer(() => sandbox.close());

  const root = `${sandbox.inside}/root/merged`;
  const account = accountOf(root, job.user);
  requireIds(account, `the step runs as ${account.uid}:${account.gid}`);
  makeWorkdir(root, job.workdir, account);
  const { spec: mounts, points, env } = await placeMounts(sandbox.inside, folder);
  // They stay, as in BuildKit's layers; runtimes would make them with modes of their own.
  for (const point of SYSTEM_POINTS) new MountStubs().make(root, point, []);
  const stubs = new MountStubs();
  points.forEach((point, index) => {
    stubs.make(root, point, [...SYSTEM_POINTS, ...points.slice(0, index)]);
  });
  describe(sandbox, {
    args: job.args,
    env: [...job.env, ...env],
    workdir: job.workdir,
    account,
    hostname: hostnameOf(job),
    mounts,
    isInsecure: job.security === "insecure",
    limits,
    ...(job.ulimits && { ulimits: job.ulimits }),
  });
  const exit = await supervise(job, sandbox, log, cancelled);
  if (exit.code !== 0)
    throw await stepFailure(exit, { id, folder, groups, limits, networkHint: network.hint });
  await sandbox.close();
  const upper = join(folder, "root/upper");
  stubs.remove(upper);
  await service.putDiff(job, cancelled, (take, compress) =>
    archiveUpper(upper, { compress, signal: cancelled }, take),
  );
}

/** Runs the process to its end, or to the end of its time. */
async function supervise(job: Job, sandbox: Sandbox, log: Log, cancelled: AbortSignal): Promise<Exit> {
  cancelled.throwIfAborted();
  const budget = logBudget();
  const piped = [pipe("stdout"), pipe("stderr")];
  function pipe(name: "stdout" | "stderr"): Promise<void> {
    const text = new LogText(budget);
    const stream = sandbox[name] as Readable;
    const send = (texts: string[]) => {
      for (const part of texts) {
        const patience = log(name, part);
        if (patience === undefined) continue;
        stream.pause();
        patience.then(() => stream.resume());
      }
    };
    stream.on("data", (chunk: Buffer) => send(text.take(chunk)));
    return new Promise((resolve) => {
      stream.once("close", () => {
        send(text.end());
        resolve();
      });
    });
  }
  let kill: NodeJS.Timeout | undefined;
  let isLate = false;
  const stop = () => {
    sandbox.signal("SIGTERM");
    kill ??= setTimeout(() => sandbox.close(), GRACE_MS);
  };
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, job.timeoutSeconds * 1000);
  cancelled.addEventListener("abort", stop, { once: true });
  try {
    sandbox.run();
    const exit = await sandbox.exit;
    await Promise.all(piped);
    cancelled.throwIfAborted();
    if (isLate) throw new JobError("timeout", `it was stopped after ${job.timeoutSeconds} seconds`);
    return exit;
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    cancelled.removeEventListener("abort", stop);
  }
}

async function explained(error: unknown, { jobs }: Workshop, cancelled: AbortSignal): Promise<JobError> {
  if (error instanceof JobError) return error;
  if (cancelled.aborted) return new JobError("cancelled", "it was cancelled");
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AccountError || error instanceof LinkError || error instanceof IdError)
    return new JobError("refused", message);
  if (
    error instanceof DiskFullError ||
    /ENOSPC|No space left on device/.test(message) ||
    (await isFull(jobs).catch(() => false))
  ) {
    return new JobError("out-of-disk", new DiskFullError().message);
  }
  const lost = await lostDisk(jobs);
  return new JobError("internal", lost === undefined ? message : `the runner lost its disk: ${lost}`);
}

/** Why nothing can be written to a folder; undefined when it can. */
async function lostDisk(folder: string): Promise<string | undefined> {
  try {
    await removeTree(await mkdtemp(join(folder, "try-")));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
