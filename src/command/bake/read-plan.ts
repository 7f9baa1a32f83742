import { planTargets, readDefinitions } from "../../bake/read.ts";
import type { BakePlan } from "../../bake/resolve.ts";
import type { Definitions } from "../../bake/target.ts";
import { cut } from "../../streams/cut.ts";
import { CommandError } from "../command-error.ts";
import type { BakeFlags } from "./bake-flag-table.ts";
import { bakeOptions, readLocalFiles } from "./local-files.ts";
import { BakeRights } from "./rights.ts";

/**
 * Reads the files that the flags name.
 * @param signal ends waiting for standard input
 * @throws {BakeError | CommandError}
 */
export async function readBakeFiles(
  values: BakeFlags,
  environment: NodeJS.ProcessEnv,
  warn: (message: string) => void,
  signal?: AbortSignal,
): Promise<Definitions> {
  const variables = Object.fromEntries(values.var.map(pairOf));
  const options = bakeOptions({ ...environment, ...variables }, new BakeRights(values.allow), warn);
  return readDefinitions(await readLocalFiles(values.file, signal), options);
}

function pairOf(text: string): [string, string] {
  const [name, value] = cut(text, "=");
  if (name === "" || value === undefined) throw new CommandError(`--var ${text} is not NAME=VALUE`);
  return [name, value];
}

/**
 * The targets to build.
 * @param names of targets and groups; `default` without any
 * @throws {BakeError}
 */
export function planOf(
  definitions: Definitions,
  names: readonly string[],
  values: BakeFlags,
  environment: NodeJS.ProcessEnv,
): BakePlan {
  const wanted = names.length === 0 ? ["default"] : names;
  const overrides = [
    ...values.set,
    ...callOf(values),
    ...(values.push ? ["*.push=true"] : []),
    ...(values.load ? ["*.output=type=docker"] : []),
    ...(values["no-cache"] === undefined ? [] : [`*.no-cache=${values["no-cache"]}`]),
    ...(values.pull === undefined ? [] : [`*.pull=${values.pull}`]),
    ...attest("sbom", values.sbom),
    ...attest("provenance", values.provenance),
  ];
  return planTargets(definitions, wanted, overrides, environment);
}

function callOf({ call, check }: BakeFlags): string[] {
  const method = check ? "check" : call;
  return method === undefined ? [] : [`*.call=${method}`];
}

function attest(type: string, text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  const isBool = /^(true|false|1|0)$/.test(text);
  const spec = isBool ? `,disabled=${!/^(true|1)$/.test(text)}` : `,${text}`;
  return [`*.attest=type=${type}${spec}`];
}
