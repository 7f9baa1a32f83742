import { errorText, exitCodeOf } from "../../command/command-error.ts";
import { runnerCommand } from "./runner-command.ts";

// `varve runner` as a program of its own: what the image of src/runner/Dockerfile runs.

try {
  process.exitCode = await runnerCommand(process.argv.slice(2));
} catch (error) {
  process.stderr.write(errorText(error));
  process.exitCode = exitCodeOf(error);
}
