import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { ControlGroup } from "./control-group.ts";

const READY_MS = 60_000;
/** Characters of a service's output that are kept for messages. */
const MAX_KEPT = 100_000;

interface ProgramOptions {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** The group that the program's CPU time counts towards. */
  group?: ControlGroup;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** A program ended with another status than 0. */
export class ProgramError extends Error {
  override name = "ProgramError";
  readonly output: Output;

  constructor(message: string, output: Output) {
    super(message);
    this.output = output;
  }
}

/** Runs a program to its end. @throws {ProgramError} when it fails */
export async function run(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Output> {
  const child = start(command, args, options);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [status] = await once(child, "close");
  if (status === 0) return output;
  throw new ProgramError(`${command} ${args.slice(0, 3).join(" ")} failed: ${lastOf(output)}`, output);
}

/** Starts a program that runs until it is stopped. Resolves when a line of its output matches `ready`. */
export async function startService(
  command: string,
  args: readonly string[],
  ready: RegExp,
  options: ProgramOptions = {},
): Promise<{ child: ChildProcess; line: string }> {
  const child = start(command, args, options);
  const output = { stdout: "", stderr: "" };
  const started = Promise.withResolvers<string>();
  const fail = (reason: string) => started.reject(new Error(reason));
  const exited = (status: number | null) => fail(`it exited with ${status}`);
  const timer = setTimeout(() => fail("it is not ready after 60 seconds"), READY_MS);
  child.once("error", started.reject).once("exit", exited);
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] = (output[name] + text).slice(-MAX_KEPT);
      const found = output[name].split("\n").find((one) => ready.test(one));
      if (found !== undefined) started.resolve(found);
    });
  }
  try {
    return { child, line: await started.promise };
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error(`Cannot start ${command} ${args[0]}: ${lastOf(output)}`, { cause });
  } finally {
    clearTimeout(timer);
    child.off("exit", exited);
  }
}

/** Stops a program with SIGTERM, and with SIGKILL after 30 seconds. */
export async function stopService(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = new AbortController();
  await Promise.race([
    ended,
    delay(30_000, undefined, { signal: patience.signal }).then(
      () => child.kill("SIGKILL"),
      () => {},
    ),
  ]);
  patience.abort();
  await ended;
}

/** Starts a program. Its output must be read. */
export function start(
  command: string,
  args: readonly string[],
  { env, cwd, group }: ProgramOptions,
): ChildProcess {
  const [program, all] = group === undefined ? [command, [...args]] : group.enter(command, args);
  return spawn(program, all, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
}

function lastOf({ stdout, stderr }: Output): string {
  return `${stdout.slice(-1000)}${stderr.slice(-3000)}`.trim();
}
