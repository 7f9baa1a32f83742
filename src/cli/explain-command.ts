import { parseArgs } from "node:util";
import { Service } from "../client/service.ts";
import { CommandError } from "./command-error.ts";
import { serverFlag } from "./server-flag.ts";

/** `varve explain`: prints why each step of a build was carried out or not; gives the exit code. */
export async function explainCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { server: { type: "string" } },
  });
  const [id] = positionals;
  if (id === undefined || positionals.length > 1) {
    throw new CommandError("varve explain takes the id of a build", "varve explain ID");
  }
  const { steps } = await new Service(serverFlag(values.server, process.env)).explain(id);
  for (const { status, name, why } of steps) {
    process.stdout.write(`${status.padEnd(10)} ${name}${why === "" ? "" : `: ${why}`}\n`);
  }
  return 0;
}
