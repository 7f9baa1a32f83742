import { cleanPath } from "../dockerignore/clean-path.ts";
import { requireSize, withinLimits } from "./budget.ts";
import { composeDefinitions } from "./compose/compose.ts";
import type { ComposeOptions } from "./compose/load.ts";
import { BakeError } from "./error.ts";
import { parseHcl } from "./hcl/parse.ts";
import type { HclBody } from "./hcl/syntax.ts";
import { hclDefinitions } from "./hcl-definitions.ts";
import { parseJsonBody } from "./json-body.ts";
import { readOverrides } from "./overrides.ts";
import { type BakePlan, resolveTargets } from "./resolve.ts";
import type { Definitions } from "./target.ts";

/** Default files. All that exist are read, in this order. */
export const defaultFiles = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
  "docker-bake.json",
  "docker-bake.override.json",
  "docker-bake.hcl",
  "docker-bake.override.hcl",
];

export interface BakeFile {
  /** Path. It determines the format: HCL, JSON or a compose file. */
  name: string;
  text: string;
}

export interface BakeOptions extends Pick<ComposeOptions, "readFile" | "warn"> {
  /** Variables of the environment. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Variables for compose files, which include those of `.env`. */
  composeEnvironment: Readonly<Record<string, string | undefined>>;
  /** Value of `BAKE_LOCAL_PLATFORM`, such as `linux/amd64`. */
  localPlatform: string;
  now: Date;
}

/** Reads the definitions of files together. @throws {BakeError} */
export function readDefinitions(files: readonly BakeFile[], options: BakeOptions): Definitions {
  for (const { name, text } of files) requireSize(name, text);
  return withinLimits(() => definitionsOf(files, options));
}

function definitionsOf(files: readonly BakeFile[], options: BakeOptions): Definitions {
  const compose = files.filter(isCompose);
  const bodies = files.filter((file) => !isCompose(file)).map(parseBody);
  const none: Definitions = { groups: [], targets: [] };
  const known =
    compose.length === 0
      ? none
      : composeDefinitions(compose, { ...options, environment: options.composeEnvironment });
  if (bodies.length === 0) return known;
  const builtIn = { BAKE_CMD_CONTEXT: "cwd://", BAKE_LOCAL_PLATFORM: options.localPlatform };
  return hclDefinitions(bodies, known, { ...options, builtIn });
}

/** Resolves the named targets and groups, with the overrides of `--set`. @throws {BakeError} */
export function planTargets(
  definitions: Definitions,
  names: readonly string[],
  overrides: readonly string[],
  environment: BakeOptions["environment"],
): BakePlan {
  const targets = definitions.targets.map(({ name }) => name);
  const plan = withinLimits(() =>
    resolveTargets(definitions, names, readOverrides(overrides, targets, environment)),
  );
  const epoch = environment.SOURCE_DATE_EPOCH;
  for (const { values } of plan.targets.values()) {
    values.context = contextPath(values.context);
    if (epoch && !values.args?.has("SOURCE_DATE_EPOCH"))
      values.args = new Map([...(values.args ?? []), ["SOURCE_DATE_EPOCH", epoch]]);
  }
  return plan;
}

/** A normalized path relative to the working directory; URLs are unchanged. */
function contextPath(context: string): string {
  if (context === "-") throw new BakeError("context from stdin not allowed in bake");
  if (!context.startsWith("cwd://") && isRemoteContext(context)) return context;
  return cleanPath(context.replace(/^cwd:\/\//, ""));
}

/** Whether a context is a remote git repository or archive. */
export function isRemoteContext(context: string): boolean {
  return /^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(context);
}

function isCompose({ name, text }: BakeFile): boolean {
  if (/\.ya?ml$/i.test(name)) return true;
  return !/\.(json|hcl)$/i.test(name) && /^services:/m.test(text);
}

function parseBody({ name, text }: BakeFile): HclBody {
  const isJson = /\.json$/i.test(name) || (!/\.hcl$/i.test(name) && text.trimStart().startsWith("{"));
  return isJson ? parseJsonBody(text, name) : parseHcl(text, name);
}
