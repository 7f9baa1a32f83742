import { errorText, exitCodeOf } from "../../command/command-error.ts";
import { runnerCommand } from "./runner-command.ts";

// `varve runner` as a separate program, for the image of src/runner/Dockerfile.

try {
  process.exitCode = await runnerCommand(process.argv.slice(2));
} catch (error) {
  process.stderr.write(errorText(error));
  process.exitCode = exitCodeOf(error);
}
