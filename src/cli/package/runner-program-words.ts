/** The word after which the single executable is the program of a runner. */
export const RUNNER_PROGRAM = "runner-program";

/** The word after which it is the program that connects to ports of containers. */
export const PORT_PROGRAM = "port-program";

/** The command that runs `port-program` from the single executable. */
export const portProgramWords: readonly string[] = [process.execPath, PORT_PROGRAM];

/** The command that runs `runner-program` from the single executable. */
export const runnerProgramWords: readonly string[] = [process.execPath, RUNNER_PROGRAM];

export function hasRunnerProgram(): boolean {
  return true;
}
