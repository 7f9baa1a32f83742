import { BakeError } from "../../bake/error.ts";
import { planText } from "../../bake/print.ts";
import { defaultFiles, planBuild, readDefinitions } from "../../bake/read.ts";
import type { BakePlan } from "../../bake/resolve.ts";
import type { Definitions } from "../../bake/target.ts";
import { CommandError, EXIT } from "../../command/command-error.ts";
import { command } from "../command.ts";
import { type BakeFlags, bakeFlagTable } from "./bake-flag-table.ts";
import { bakeOptions, readLocalFiles } from "./local-files.ts";
import { BakeRights } from "./rights.ts";

/** `varve bake`. */
export const bakeCommand = command(
  {
    name: "bake",
    usage: "[OPTIONS] [TARGET...]",
    summary: "Build the targets of a bake or compose file",
    about:
      "The files are those of docker buildx bake: HCL, JSON and compose files. A target is a target or a group of them (default: default). All build at the same time. The name of each target and the digest of its image are printed.",
    flags: bakeFlagTable,
    args: [0, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    try {
      return await bake(values, args);
    } catch (error) {
      throw error instanceof BakeError ? new CommandError(error.message) : error;
    }
  },
);

async function bake(values: BakeFlags, names: readonly string[]): Promise<number> {
  const options = bakeOptions(process.env, new BakeRights(values.allow));
  const files = await readLocalFiles(values.file);
  if (files.length === 0) throw noFile();
  const definitions = readDefinitions(files, options);
  if (values.list !== undefined) {
    process.stdout.write(targetList(definitions));
    return EXIT.ok;
  }
  const plan = planOf(definitions, names, values);
  if (values.print) {
    process.stdout.write(planText(plan));
    return EXIT.ok;
  }
  const { buildTargets } = await import("./build-targets.ts");
  return buildTargets(plan, values);
}

function noFile(): CommandError {
  return new CommandError(
    "couldn't find a bake definition",
    `Name one with --file; without it, these are looked for: ${defaultFiles.join(", ")}.`,
  );
}

function planOf(definitions: Definitions, names: readonly string[], values: BakeFlags): BakePlan {
  const wanted = names.length === 0 ? ["default"] : names;
  const attest = (type: string, text: string | undefined) => {
    if (text === undefined) return [];
    const isBool = /^(true|false|1|0)$/.test(text);
    const spec = isBool ? `,disabled=${!/^(true|1)$/.test(text)}` : `,${text}`;
    return [`*.attest=type=${type}${spec}`];
  };
  const overrides = [
    ...values.set,
    ...(values.push ? ["*.push=true"] : []),
    ...(values.load ? ["*.output=type=docker"] : []),
    ...(values["no-cache"] === undefined ? [] : [`*.no-cache=${values["no-cache"]}`]),
    ...(values.pull === undefined ? [] : [`*.pull=${values.pull}`]),
    ...attest("sbom", values.sbom),
    ...attest("provenance", values.provenance),
  ];
  return planBuild(definitions, wanted, overrides, process.env);
}

function targetList({ groups, targets }: Definitions): string {
  const rows = [
    ...groups.map(({ name, targets: members }) => `${name}\t${members.join(", ")}`),
    ...targets.map(({ name, values }) => `${name}\t${values.description ?? ""}`.trimEnd()),
  ];
  return `${["TARGET\tDESCRIPTION", ...rows.sort()].join("\n")}\n`;
}
