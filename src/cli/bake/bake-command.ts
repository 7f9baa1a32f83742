import { BakeError } from "../../bake/error.ts";
import { planText } from "../../bake/print.ts";
import { isRemoteContext } from "../../bake/read.ts";
import type { BakePlan } from "../../bake/resolve.ts";
import type { Definitions } from "../../bake/target.ts";
import { type BakeFlags, bakeFlagTable } from "../../command/bake/bake-flag-table.ts";
import { planOf, readBakeFiles } from "../../command/bake/read-plan.ts";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { readProgressKind } from "../../command/flags/build-flags.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { canceled, Interrupt } from "../../command/interrupt.ts";
import { writeTextTo } from "../../command/outputs/write-to.ts";
import { command } from "../command.ts";

/** `varve bake`. */
export const bakeCommand = command(
  {
    name: "bake",
    usage: "[OPTIONS] [TARGET...]",
    summary: "Build the targets of a bake or compose file",
    about:
      "Reads the files of docker buildx bake: HCL, JSON and compose files. TARGET is a target or a group (default: default). Builds all targets in parallel, and prints the name and the image digest of each.",
    flags: bakeFlagTable,
    args: [0, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    using interrupt = new Interrupt();
    try {
      return await bake(values, args, interrupt);
    } catch (error) {
      if (interrupt.isInterrupted) return canceled(interrupt);
      throw error instanceof BakeError ? new CommandError(error.message) : error;
    }
  },
);

const warn = (message: string) => void process.stderr.write(`WARNING: ${message}\n`);

async function bake(values: BakeFlags, names: readonly string[], interrupt: Interrupt): Promise<number> {
  const remote = names.find(isRemoteContext);
  if (remote !== undefined)
    throw new UsageError(
      `Cannot read bake files of ${remote}: they must be on this machine`,
      "Clone the repository, and run varve bake there. The context of a target may be a URL.",
    );
  const definitions = await readBakeFiles(values, process.env, warn, interrupt.signal);
  if (values.list !== undefined) {
    process.stdout.write(targetList(definitions));
    return EXIT.ok;
  }
  const plan = planOf(definitions, names, values, process.env);
  if (values.print) {
    process.stdout.write(planText(plan));
    return EXIT.ok;
  }
  return build(plan, values, interrupt);
}

async function build(plan: BakePlan, values: BakeFlags, interrupt: Interrupt): Promise<number> {
  const { buildTargets, bakeMetadata, checkTargets, isCheck, TargetError } = await import(
    "../../command/bake/build-targets.ts"
  );
  const { openProgress } = await import("../terminal/open-progress.ts");
  const server = serverFlag(values.server, process.env);
  const progress = await openProgress(
    readProgressKind(values.progress ?? process.env.BUILDKIT_PROGRESS),
    server,
  );
  try {
    if (isCheck(plan)) {
      const status = await checkTargets(plan, values, { server, progress, interrupt, warn });
      const results = Object.fromEntries([...plan.targets.keys()].map((name) => [name, {}]));
      if (values["metadata-file"] !== undefined)
        writeTextTo(values["metadata-file"], `${JSON.stringify(results, null, 2)}\n`);
      return status;
    }
    const built = await buildTargets(plan, values, { server, progress, interrupt, warn });
    progress.end();
    for (const name of [...built.keys()].sort()) {
      const one = built.get(name);
      if (one !== undefined && !one.isLinked && !one.flags.isCacheOnly)
        process.stdout.write(`${name} ${one.ended.result.descriptor.digest}\n`);
    }
    if (values["metadata-file"] !== undefined) writeTextTo(values["metadata-file"], bakeMetadata(built));
    return EXIT.ok;
  } catch (error) {
    const isShown = error instanceof TargetError;
    if (interrupt.isInterrupted) {
      progress.end(isShown ? undefined : "ERROR: canceled\n");
      // Outputs may still be in transfer.
      process.exit(interrupt.exitCode);
    }
    if (isShown) return error.exitCode;
    throw error;
  } finally {
    progress.end();
  }
}

function targetList({ groups, targets }: Definitions): string {
  const rows = [
    ...groups.map(({ name, targets: members }) => `${name}\t${members.join(", ")}`),
    ...targets.map(({ name, values }) => `${name}\t${values.description ?? ""}`.trimEnd()),
  ];
  return `${["TARGET\tDESCRIPTION", ...rows.sort()].join("\n")}\n`;
}
