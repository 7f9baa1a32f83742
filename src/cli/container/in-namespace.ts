import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { userNamespaceCommand } from "../../runner/user-namespace.ts";

/** Signals that are handed on as they are. */
export const HANDED_ON: readonly NodeJS.Signals[] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * The same command again, for a user who is not root, in a user namespace in which he is. Gives its exit code.
 * @throws {UserNamespaceError}
 */
export async function againInNamespace(): Promise<number> {
  const [program = "", ...args] = await userNamespaceCommand();
  const words = [...args, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(program, words, { stdio: "inherit" });
  const handOn = (name: NodeJS.Signals) => child.kill(name);
  // What is typed at a terminal comes to both by itself.
  const ignore = () => {};
  const handlers = [...HANDED_ON, "SIGTERM" as const].map(
    (name) => [name, name === "SIGINT" && isatty(0) ? ignore : handOn] as const,
  );
  for (const [name, handler] of handlers) process.on(name, handler);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  for (const [name, handler] of handlers) process.off(name, handler);
  return code ?? 128 + constants.signals[signal ?? "SIGKILL"];
}
