import type { JobFailure } from "../../../schemas/runner.ts";
import { quoteGo } from "../../dockerfile/quote.ts";
import { BuildError } from "../errors.ts";

/** The error of a failed RUN, with BuildKit's message where there is one. `log` is the end of its output. */
export function runError(args: readonly string[], failure: JobFailure, log: readonly string[]): BuildError {
  const { reason, exitCode, message, hint } = failure;
  const process = `process ${quoteGo(args.join(" "))}`;
  const failed = `${process} did not complete successfully`;
  switch (reason) {
    case "exit":
    case "signal":
      return error(`${failed}: ${exitCode === undefined ? message : `exit code: ${exitCode}`}`);
    case "out-of-memory":
      return error(`${failed}: cannot allocate memory`, "The process was killed: it needed more memory.");
    case "out-of-disk":
      return error(`${failed}: no space left on device`, "The disk of the runner is full.");
    case "timeout":
      return error(`${process} was stopped: ${message}`);
    case "cancelled":
      return new BuildError("cancelled", `${process} was cancelled`);
    case "refused":
      return error(`the runner rejected ${process}: ${message}`);
    case "copy":
    case "snapshot-lost":
    case "internal":
      return error(`${process} could not be executed: ${message}`, "This is a fault of the runner.");
  }

  function error(text: string, usual?: string): BuildError {
    const known = hint ?? usual;
    return new BuildError("run-failed", text, { log, ...(known !== undefined && { hint: known }) });
  }
}
