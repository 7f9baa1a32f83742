import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { userNamespaceCommand } from "../../runner/sandbox/user-namespace.ts";
import { ownCommand } from "../own-command.ts";

/** Signals that are forwarded unchanged. */
export const FORWARDED: readonly NodeJS.Signals[] = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * Runs this command again as root of a user namespace.
 * @returns its exit code
 * @throws {HostError}
 */
export async function againInNamespace(): Promise<number> {
  const [program = "", ...args] = await userNamespaceCommand();
  const words = [...args, ...ownCommand(), ...process.argv.slice(2)];
  const child = spawn(program, words, { stdio: "inherit" });
  const forward = (name: NodeJS.Signals) => child.kill(name);
  // A terminal sends SIGINT to both.
  const ignore = () => {};
  const handlers = [...FORWARDED, "SIGTERM" as const].map(
    (name) => [name, name === "SIGINT" && isatty(0) ? ignore : forward] as const,
  );
  for (const [name, handler] of handlers) process.on(name, handler);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  for (const [name, handler] of handlers) process.off(name, handler);
  return code ?? 128 + constants.signals[signal ?? "SIGKILL"];
}
