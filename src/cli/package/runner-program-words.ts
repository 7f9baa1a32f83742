/** The word after which the single executable is the program of a runner. */
export const RUNNER_PROGRAM = "runner-program";

/** The command that runs `runner-program` from the single executable. */
export const runnerProgramWords: readonly string[] = [process.execPath, RUNNER_PROGRAM];

export function hasRunnerProgram(): boolean {
  return true;
}
