import { availableParallelism } from "node:os";
import type { LocalRunnerState } from "../../schemas/runner.ts";
import { UnableError } from "../runner/ability.ts";
import { type RunnerApart, startRunnerApart } from "../runner/runner-apart.ts";
import { Supervisor } from "./supervisor.ts";

export interface LocalRunnerOptions {
  /** URL of the server on this machine. */
  server: string;
  /** What the server asks of runners. */
  token: string;
  /** Folder that keeps layers and caches between runs. */
  data: string;
  /** Receives every change of state. */
  report?: (state: LocalRunnerState) => void;
}

export interface LocalRunner {
  /** Whether RUN works here: `here`, or why not. */
  words: string;
  /** Cancels what runs. */
  close(): Promise<void>;
}

/** Executes RUN for a server on the same machine, where the machine allows it. A runner that ends is started again. */
export async function startLocalRunner({
  report = () => {},
  ...options
}: LocalRunnerOptions): Promise<LocalRunner> {
  const supervisor = new Supervisor({
    name: "The runner of this machine",
    start: () => startQuietly(options),
    report,
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  try {
    await supervisor.start();
    return { words: "here", close: () => supervisor.close() };
  } catch (error) {
    if (!(error instanceof UnableError)) throw error;
    const reason = error.message.replace(/\.$/, "");
    report({ state: "unavailable", since: new Date().toISOString(), restarts: 0, detail: reason });
    return { words: `not here, ${reason}`, close: async () => {} };
  }
}

async function startQuietly(options: Omit<LocalRunnerOptions, "report">) {
  // The connection is lost only when the server ends, and that is told otherwise.
  const runner: RunnerApart = await startRunnerApart({
    ...options,
    capacity: availableParallelism(),
    tell: () => {},
  });
  return { ended: runner.ended, close: () => runner.close(true) };
}
