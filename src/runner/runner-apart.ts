import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { UnableError } from "./ability.ts";
import { FolderInUseError } from "./folder-lock.ts";
import type { RefusedHandshake } from "./handshake.ts";
import type { Keyring } from "./keyring.ts";
import type { Runner, RunnerOptions } from "./runner-options.ts";
import { hasRunnerProgram, runnerProgramWords } from "./runner-program-words.ts";
import { needsUserNamespace, UserNamespaceError, userNamespaceCommand } from "./user-namespace.ts";

/** What is told of the options: the rest is asked for. */
export type ToldOptions = Omit<RunnerOptions, "keyring" | keyof RunnerListeners> & {
  hasKeyring: boolean;
};

/** Options that are called. */
type RunnerListeners = Pick<RunnerOptions, "tell" | "idle" | "refused" | "dismissed" | "stored">;

/** What the program of a runner hears. */
export type ToProgram =
  | { type: "start"; options: ToldOptions }
  | { type: "answer"; number: number; value: string | Uint8Array }
  | { type: "refusal"; number: number; message: string }
  | { type: "close"; now: boolean };

/** What it says. */
export type FromProgram =
  | { type: "started"; shortcomings: readonly string[] }
  | { type: "failed"; name: string; message: string }
  | { type: "tell"; text: string }
  | { type: "idle" }
  | { type: "refused"; answer: RefusedHandshake }
  | { type: "dismissed" }
  | { type: "stored"; bytes: number }
  | { type: "ask"; number: number; kind: keyof Keyring; id: string };

/** A runner in a program of its own. */
export interface RunnerApart extends Runner {
  /** Resolves when the program has ended, for any reason, with how it ended: a part of a sentence. */
  ended: Promise<string>;
}

/**
 * A runner in a program of its own: for users who are not root it is root of a user namespace, and beside a program
 * that is large, a small one starts others faster.
 * @throws {UnableError | FolderInUseError} when there is none
 */
export async function startRunnerApart({
  keyring,
  tell,
  idle,
  refused,
  dismissed,
  stored,
  ...options
}: RunnerOptions): Promise<RunnerApart> {
  const [command = "", ...args] = await namespace();
  const child = spawn(command, [...args, ...runnerProgramWords], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    // Ctrl-C is for this program, which tells that one what to do.
    detached: true,
  });
  const ended = once(child, "close").catch((error: unknown) => [error]);
  const say = (message: ToProgram) => {
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
        case "tell":
          (tell ?? toStandardError)(message.text);
          break;
        case "idle":
          idle?.();
          break;
        case "refused":
          refused?.(message.answer);
          break;
        case "dismissed":
          dismissed?.();
          break;
        case "stored":
          stored?.(message.bytes);
          break;
        case "ask":
          void answer(keyring, message).then(say);
      }
    });
    ended.then(([cause]) => reject(new UnableError(`The runner ended before it began: ${cause}`)));
  });
  say({ type: "start", options: { ...options, hasKeyring: keyring !== undefined } });
  const shortcomings = await started;
  return {
    shortcomings,
    ended: ended.then(() =>
      child.signalCode ? `by ${child.signalCode}` : `with exit code ${child.exitCode}`,
    ),
    close: (now = false) => closed(child, ended, () => say({ type: "close", now })),
  };
}

async function closed(child: ChildProcess, ended: Promise<unknown>, ask: () => void): Promise<void> {
  ask();
  await ended;
  if (child.exitCode !== 0) throw new Error(`The runner exited with ${child.exitCode ?? child.signalCode}`);
}

/** What is put before the program. It ends when this one does. */
async function namespace(): Promise<string[]> {
  if (!needsUserNamespace()) return ["setpriv", "--pdeathsig", "KILL"];
  if (!hasRunnerProgram()) throw new UnableError("Running steps needs to be root.");
  try {
    return await userNamespaceCommand();
  } catch (error) {
    if (error instanceof UserNamespaceError)
      throw new UnableError(`Running steps needs to be root, or a user namespace: ${error.message}.`);
    throw error;
  }
}

async function answer(
  keyring: Keyring | undefined,
  { number, kind, id }: Extract<FromProgram, { type: "ask" }>,
): Promise<ToProgram> {
  try {
    if (keyring === undefined) throw new Error("there is none");
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
