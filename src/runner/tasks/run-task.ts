import { randomUUID } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Job, JobResult, RunTask } from "../../../schemas/runner.ts";
import { rightsOf } from "../../../schemas/task-needs.ts";
import { LogText, logBudget } from "../files/log-text.ts";
import { MountStubs, makeContainerWorkdir, SYSTEM_POINTS } from "../files/mount-stubs.ts";
import { removeTree } from "../files/remove-tree.ts";
import { JobError } from "../job-error.ts";
import { accountOf } from "../sandbox/accounts.ts";
import { launch } from "../sandbox/launch.ts";
import type { Stack } from "../sandbox/overlay-stacks.ts";
import { type Exit, PIPES, Sandbox } from "../sandbox/sandbox.ts";
import { requireIds } from "../sandbox/user-namespace.ts";
import { scanTree } from "../snapshots/scan-tree.ts";
import { stepFailure } from "../step-failure.ts";
import { hostnameOf, prepareMounts } from "./mounts.ts";
import type { Log, RunnerContext } from "./runner-context.ts";
import { StepOutput } from "./step-output.ts";
import { TaskTrees } from "./task-trees.ts";

/** Grace period between SIGTERM and SIGKILL, in milliseconds. */
const GRACE_MS = 1500;

/** Executes the process of a RUN and keeps what it changed as a snapshot. Calls `done` before it cleans up. */
export async function runTask(
  job: Job,
  task: RunTask,
  context: RunnerContext,
  { log, done, cancelled }: { log: Log; done: (result: JobResult) => void; cancelled: AbortSignal },
): Promise<void> {
  const id = `job-${randomUUID()}`;
  const folder = join(context.jobs, id);
  await using cleanup = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const output = new StepOutput(log, context.jobs);
  cleanup.defer(() => output.flush());
  cleanup.defer(() => removeTree(folder));
  for (const right of rightsOf(task)) {
    if (!context.rights.has(right)) throw new JobError("refused", `${right} is not allowed`);
  }
  const trees = new TaskTrees(job, context, cancelled, cleanup);
  const root = await trees.stack(task.layers);
  const stacks: Stack[] = [{ name: "root", paths: root.paths, root: root.root, writable: true }];
  const { caches, keyring, groups, networks, limits } = context;
  const network = await networks.acquire(task.network);
  cleanup.defer(() => network.release());
  const mountContext = { trees, caches, keyring, stacks, cleanup, signal: cancelled, network };
  const placeMounts = await prepareMounts(job, task, mountContext);
  const { command, method, describe } = launch(context, { id, folder, network: network.kind });
  const { namespaces } = network;
  const sandbox = await Sandbox.open(folder, stacks, command, method, { ...PIPES, namespaces });
  cleanup.defer(() => groups.remove(id));
  cleanup.defer(() => sandbox.close());

  const merged = `${sandbox.inside}/root/merged`;
  const account = accountOf(merged, task.user);
  requireIds(account, `the step runs as ${account.uid}:${account.gid}`);
  makeContainerWorkdir(merged, task.workdir, account);
  const { spec: mounts, points, env } = await placeMounts(sandbox.inside, folder);
  // They stay, as in BuildKit's layers; runtimes would make them with other modes.
  for (const point of SYSTEM_POINTS) new MountStubs().make(merged, point, []);
  const stubs = new MountStubs();
  points.forEach((point, index) => {
    stubs.make(merged, point, [...SYSTEM_POINTS, ...points.slice(0, index)]);
  });
  describe(sandbox, {
    args: task.args,
    env: [...task.env, ...env],
    workdir: task.workdir,
    account,
    hostname: hostnameOf(task),
    mounts,
    isInsecure: task.security === "insecure",
    limits,
    ...(task.ulimits && { ulimits: task.ulimits }),
  });
  const began = Date.now();
  const exit = await supervise(job, sandbox, output.log, cancelled);
  const milliseconds = Date.now() - began;
  if (exit.code !== 0) {
    throw await stepFailure(exit, { id, folder, groups, limits, networkHint: network.hint });
  }
  await sandbox.close();
  const upper = join(folder, "root/upper");
  stubs.remove(upper);
  const mounted = points.map(({ target }) => target);
  const snapshot = await context.store.addSnapshot(job.build, cancelled, async (tree) => {
    await rename(upper, tree);
    const { index, bytes } = await scanTree(tree, cancelled);
    // Layers have no entry for the root directory, so what the process changed of it is lost.
    const { names: below } = root;
    return { index, bytes, implied: [], ...(root.root && { root: root.root }), mounted, below };
  });
  output.flush();
  done({ kind: "run", snapshot: snapshot.id, bytes: snapshot.bytes, milliseconds });
}

/** Runs the process until it exits, is cancelled or reaches its time limit. */
async function supervise(job: Job, sandbox: Sandbox, log: Log, cancelled: AbortSignal): Promise<Exit> {
  cancelled.throwIfAborted();
  const budget = logBudget();
  const piped = [pipe("stdout"), pipe("stderr")];
  function pipe(name: "stdout" | "stderr"): Promise<void> {
    const text = new LogText(budget);
    const stream = sandbox[name] as Readable;
    const send = (texts: string[]) => {
      for (const part of texts) {
        const backpressure = log(name, part);
        if (backpressure === undefined) continue;
        stream.pause();
        backpressure.then(() => stream.resume());
      }
    };
    stream.on("data", (chunk: Buffer) => send(text.write(chunk)));
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
    if (isLate) throw new JobError("timeout", `it exceeded its time limit of ${job.timeoutSeconds} s`);
    return exit;
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    cancelled.removeEventListener("abort", stop);
  }
}
