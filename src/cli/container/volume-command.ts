import { join } from "node:path";
import { CommandError, EXIT, errorText, UsageError } from "../../command/command-error.ts";
import { dataFolder } from "../../machine/data-folder.ts";
import { ContainerError } from "../../runner/containers/container-error.ts";
import { Volumes } from "../../runner/containers/volumes.ts";
import { needsUserNamespace } from "../../runner/sandbox/user-namespace.ts";
import { command } from "../command.ts";
import { formatFlag, formatRows } from "../format/format-text.ts";
import { againInNamespace } from "./in-namespace.ts";

/** `varve volume ls` and `rm`. */
export const volumeCommand = command(
  {
    name: "volume",
    usage: "ls [OPTIONS] | rm NAME...",
    summary: "List and remove the named volumes of `varve run`",
    flags: { format: formatFlag },
    args: [1, Number.POSITIVE_INFINITY],
    words: ["ls", "rm"],
  },
  async ({ values, args: [action, ...names] }) => {
    const volumes = new Volumes(join(dataFolder(process.env), "volumes"));
    switch (action) {
      case "ls":
      case "list": {
        if (names.length > 0) throw new UsageError("varve volume ls takes no arguments");
        const rows = volumes.list().map((name) => ({ name, path: volumes.path(name) }));
        const table = () => rows.map(({ name }) => `${name}\n`).join("");
        process.stdout.write(formatRows(rows, values.format, { table }));
        return EXIT.ok;
      }
      case "rm":
      case "remove":
        if (names.length === 0) throw new UsageError("varve volume rm requires the names of volumes");
        // The files belong to ids of the user's namespace.
        return needsUserNamespace() ? await againInNamespace() : await remove(volumes, names);
      default:
        throw new UsageError(`unknown action "${action}"`, "Use ls or rm.");
    }
  },
);

async function remove(volumes: Volumes, names: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  for (const name of names) {
    try {
      await volumes.remove(name);
      process.stdout.write(`${name}\n`);
    } catch (error) {
      if (!(error instanceof ContainerError)) throw error;
      process.stderr.write(errorText(new CommandError(error.message)));
      code = EXIT.failed;
    }
  }
  return code;
}
