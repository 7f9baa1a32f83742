import { availableParallelism } from "node:os";
import { UnableError } from "../runner/ability.ts";
import type { Runner } from "../runner/runner.ts";
import { startRunnerApart } from "../runner/runner-apart.ts";

export interface LocalRunnerOptions {
  /** URL of the server on this machine. */
  server: string;
  /** What the server asks of runners. */
  token: string;
  /** Folder that keeps layers and caches between runs. */
  data: string;
}

export interface LocalRunner {
  /** Whether RUN works here: `here`, or why not. */
  words: string;
  /** Cancels what runs. */
  close(): Promise<void>;
}

/** Carries out RUN for a server on the same machine, where the machine allows it. */
export async function startLocalRunner(options: LocalRunnerOptions): Promise<LocalRunner> {
  let runner: Runner | undefined;
  let words = "here";
  try {
    // The connection is lost only when the server ends, and that is told otherwise.
    runner = await startRunnerApart({ ...options, capacity: availableParallelism(), tell: () => {} });
  } catch (error) {
    if (!(error instanceof UnableError)) throw error;
    words = `not here, ${error.message.replace(/\.$/, "")}`;
  }
  return { words, close: async () => runner?.close(true) };
}
