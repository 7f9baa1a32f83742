import { availableParallelism } from "node:os";
import { UnableError } from "../runner/ability.ts";
import type { Runner } from "../runner/runner.ts";
import { startRunnerApart } from "../runner/runner-apart.ts";
import type { StepSettings } from "../runner/runner-options.ts";

export interface LocalRunnerOptions {
  /** URL of the server on this machine. */
  server: string;
  /** What the server asks of runners. */
  token: string;
  /** Folder that keeps layers and caches between runs. */
  data: string;
  steps?: StepSettings;
}

export interface LocalRunner {
  /** Whether RUN works here. */
  isHere: boolean;
  /** `here`, and what steps lack; or why RUN does not work here. */
  words: string;
  /** Cancels what runs. */
  close(): Promise<void>;
}

/** Executes RUN for a server on the same machine, where the machine can. */
export async function startLocalRunner({ steps, ...options }: LocalRunnerOptions): Promise<LocalRunner> {
  let runner: Runner | undefined;
  let words = "here";
  try {
    // The connection is lost only when the server ends, and that is told otherwise.
    runner = await startRunnerApart({
      ...options,
      ...steps,
      capacity: availableParallelism(),
      tell: () => {},
    });
    words = ["here", ...runner.shortcomings].join("; ");
  } catch (error) {
    if (!(error instanceof UnableError)) throw error;
    words = `not here, ${error.message.replace(/\.$/, "")}`;
  }
  return { isHere: runner !== undefined, words, close: async () => runner?.close(true) };
}
