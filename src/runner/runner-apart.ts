import { spawn } from "node:child_process";
import { once } from "node:events";
import { FolderInUseError } from "./files/folder-lock.ts";
import type { Runner, RunnerOptions } from "./runner-options.ts";
import { hasRunnerProgram, runnerProgramWords } from "./runner-program-words.ts";
import { UnableError } from "./sandbox/ability.ts";
import { HostError } from "./sandbox/host-error.ts";
import type { Keyring } from "./sandbox/keyring.ts";
import { needsUserNamespace, userNamespaceCommand } from "./sandbox/user-namespace.ts";
import type { RefusedHandshake } from "./server/handshake.ts";

/** Options that are sent to the program. Functions stay here, and the program sends a message to call them. */
type SentOptions = Omit<RunnerOptions, "keyring" | keyof RunnerListeners> & {
  hasKeyring: boolean;
  hasUnable: boolean;
};

type RunnerListeners = Pick<RunnerOptions, "print" | "idle" | "refused" | "unable" | "dismissed" | "stored">;

/** Messages to the program of a runner. */
export type ToProgram =
  | { type: "start"; options: SentOptions }
  | { type: "answer"; number: number; value: string | Uint8Array }
  | { type: "refusal"; number: number; message: string }
  | { type: "close"; now: boolean };

/** Messages from the program of a runner. */
export type FromProgram =
  | { type: "started"; shortcomings: readonly string[] }
  | { type: "failed"; name: string; message: string }
  | { type: "print"; text: string }
  | { type: "idle" }
  | { type: "refused"; answer: RefusedHandshake }
  | { type: "unable"; reason: string }
  | { type: "dismissed" }
  | { type: "stored"; bytes: number }
  | { type: "ask"; number: number; kind: keyof Keyring; id: string };

/** A runner in another process. */
export interface RunnerApart extends Runner {
  /** Resolves when the process has ended for any reason, with a part of a sentence: `by SIGKILL`, `with exit code 1`. */
  ended: Promise<string>;
}

/**
 * Starts a runner in another process. That process is root of a user namespace if the user is not root, and being
 * small it starts other processes faster than a large one.
 * @throws {UnableError | FolderInUseError}
 */
export async function startRunnerApart({
  keyring,
  print,
  idle,
  refused,
  unable,
  dismissed,
  stored,
  ...options
}: RunnerOptions): Promise<RunnerApart> {
  const [command = "", ...args] = await namespace();
  const child = spawn(command, [...args, ...runnerProgramWords], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    // Ctrl-C goes to this program only, which then closes the runner.
    detached: true,
  });
  const ended = once(child, "close").catch((error: unknown) => [error]);
  const send = (message: ToProgram) => {
    // The program may have ended meanwhile, which `ended` reports.
    if (child.connected) child.send(message, () => {});
  };
  const started = new Promise<readonly string[]>((resolve, reject) => {
    child.on("message", (message: FromProgram) => {
      switch (message.type) {
        case "started":
          resolve(message.shortcomings);
          break;
        case "failed":
          reject(errorOf(message));
          break;
        case "print":
          (print ?? toStandardError)(message.text);
          break;
        case "idle":
          idle?.();
          break;
        case "refused":
          refused?.(message.answer);
          break;
        case "unable":
          unable?.(message.reason);
          break;
        case "dismissed":
          dismissed?.();
          break;
        case "stored":
          stored?.(message.bytes);
          break;
        case "ask":
          void answer(keyring, message).then(send);
      }
    });
    ended.then(([cause]) => reject(new UnableError(`The runner's process ended at its start: ${cause}`)));
  });
  const sent = { ...options, hasKeyring: keyring !== undefined, hasUnable: unable !== undefined };
  send({ type: "start", options: sent });
  const shortcomings = await started;
  return {
    shortcomings,
    ended: ended.then(() =>
      child.signalCode ? `by ${child.signalCode}` : `with exit code ${child.exitCode}`,
    ),
    async close(now = false) {
      send({ type: "close", now });
      await ended;
      if (child.exitCode !== 0)
        throw new Error(`The runner exited with ${child.exitCode ?? child.signalCode}`);
    },
  };
}

/** The command in front of the program, which ends it together with this one. */
async function namespace(): Promise<string[]> {
  if (!needsUserNamespace()) return ["setpriv", "--pdeathsig", "KILL"];
  if (!hasRunnerProgram()) throw new UnableError("Running steps needs root.");
  try {
    return await userNamespaceCommand();
  } catch (error) {
    if (error instanceof HostError)
      throw new UnableError(`Running steps needs root or a user namespace: ${error.message}.`);
    throw error;
  }
}

async function answer(
  keyring: Keyring | undefined,
  { number, kind, id }: Extract<FromProgram, { type: "ask" }>,
): Promise<ToProgram> {
  try {
    if (keyring === undefined) throw new Error("the client has no secrets and no ssh agents");
    return { type: "answer", number, value: await keyring[kind](id) };
  } catch (error) {
    return { type: "refusal", number, message: (error as Error).message };
  }
}

function errorOf({ name, message }: { name: string; message: string }): Error {
  if (name === "FolderInUseError") return new FolderInUseError(message);
  return name === "UnableError" ? new UnableError(message) : new Error(message);
}

function toStandardError(text: string): void {
  process.stderr.write(`${text}\n`);
}
