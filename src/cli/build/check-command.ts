import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printFindings } from "../../command/build/check-report.ts";
import { CommandError } from "../../command/command-error.ts";
import { buildFlagTable } from "../../command/flags/build-flag-table.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { fileReason } from "../../runner/files/file-reason.ts";
import { command } from "../command.ts";

/** `varve check`: prints the warnings about a Dockerfile. */
export const checkCommand = command(
  {
    name: "check",
    usage: "[OPTIONS] [PATH]",
    summary: "Lint a Dockerfile",
    about: "Exits with code 5 when there are findings. `varve build --check` also applies build arguments.",
    flags: {
      file: buildFlagTable.file,
      format: {
        kind: "text",
        choices: ["table", "json"],
        value: "KIND",
        help: "table or json, in the formats of buildx",
      },
      ...serverFlags,
    },
    args: [0, 1],
    completes: "folder",
  },
  async ({ values, args }) => {
    const path = values.file ?? join(args[0] ?? ".", "Dockerfile");
    const dockerfile = await readDockerfile(path);
    const name = path === "-" ? "Dockerfile" : path;
    const service = await openFlaggedService(values);
    const { findings } = await service.check(dockerfile, name);
    return printFindings(findings, { name, text: dockerfile.toString() }, values.format === "json");
  },
);

async function readDockerfile(path: string): Promise<Buffer> {
  if (path === "-") {
    const { buffer } = await import("node:stream/consumers");
    return buffer(process.stdin);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${fileReason(error)}`, "Set the Dockerfile with -f.");
  }
}
