import type { LocalRunnerState } from "../../schemas/runner-list.ts";
import { type RunnerApart, startRunnerApart } from "../runner/runner-apart.ts";
import { defaultCapacity, type StepSettings } from "../runner/runner-options.ts";
import { UnableError } from "../runner/sandbox/ability.ts";
import { Supervisor } from "./supervisor.ts";

interface LocalRunnerOptions {
  /** URL of the server on this machine. */
  server: string;
  /** The token that the server requires of runners. */
  token: string;
  /** Folder that keeps layers and caches between runs. */
  data: string;
  steps?: StepSettings;
  /** Receives every change of state. */
  report?: (state: LocalRunnerState) => void;
}

export interface LocalRunner {
  /** Whether RUN works here. */
  isHere: boolean;
  /** `here`, and what steps lack; or why RUN does not work here. */
  words: string;
  /** Cancels what runs. */
  close(): Promise<void>;
}

/** Executes RUN for a server on the same machine, where the machine allows it. A runner that ends is started again. */
export async function startLocalRunner({
  report = () => {},
  ...options
}: LocalRunnerOptions): Promise<LocalRunner> {
  let shortcomings: readonly string[] = [];
  const supervisor = new Supervisor({
    name: "The runner of this machine",
    async start() {
      const runner = await startQuietly(options);
      shortcomings = runner.shortcomings;
      return { ended: runner.ended, close: () => runner.close(true) };
    },
    report,
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  try {
    await supervisor.start();
    return { isHere: true, words: ["here", ...shortcomings].join("; "), close: () => supervisor.close() };
  } catch (error) {
    if (!(error instanceof UnableError)) throw error;
    const reason = error.message.replace(/\.$/, "");
    report({ state: "unavailable", since: new Date().toISOString(), restarts: 0, detail: reason });
    return { isHere: false, words: `not here, ${reason}`, close: async () => {} };
  }
}

/** The connection is lost only when the server ends, and that is reported otherwise. */
function startQuietly({ steps, ...options }: Omit<LocalRunnerOptions, "report">): Promise<RunnerApart> {
  return startRunnerApart({ ...options, ...steps, capacity: defaultCapacity(), print: () => {} });
}
