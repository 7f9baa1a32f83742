import { expandWord } from "../../dockerfile/expand.ts";
import type { ArgInstruction, Dockerfile } from "../../dockerfile/instruction.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import type { PlanBudget } from "./budget.ts";
import { attachLines } from "./plan-error.ts";
import { Scope } from "./scope.ts";

/** Values given with `--build-arg`. */
export type BuildArgs = ReadonlyMap<string, string>;

/** The global scope, and the names of the ARG instructions in it. */
export interface GlobalArgs {
  readonly scope: Scope;
  readonly declared: ReadonlySet<string>;
}

/**
 * The predefined build arguments: set in the global scope, and in a stage after `ARG <name>`. Values of the build
 * override them.
 */
export function predefinedArgs(
  build: Platform,
  target: Platform,
  stage: string,
  given: BuildArgs,
  { patternWork }: PlanBudget,
): Scope {
  const scope = new Scope([], false, patternWork);
  const values: [string, string][] = [
    ["BUILDPLATFORM", formatPlatform(build)],
    ["BUILDOS", build.os],
    ["BUILDOSVERSION", build["os.version"] ?? ""],
    ["BUILDARCH", build.architecture],
    ["BUILDVARIANT", build.variant ?? ""],
    ["TARGETPLATFORM", formatPlatform(target)],
    ["TARGETOS", target.os],
    ["TARGETOSVERSION", target["os.version"] ?? ""],
    ["TARGETARCH", target.architecture],
    ["TARGETVARIANT", target.variant ?? ""],
    ["TARGETSTAGE", stage || "default"],
  ];
  for (const [name, value] of values) scope.set(name, given.get(name) ?? value);
  return scope;
}

/**
 * Evaluates the ARG instructions before the first FROM. A value of the build overrides the default; a default may use
 * earlier arguments.
 * @throws {DockerfileError} when a default that is needed cannot be expanded.
 */
export function readGlobalArgs(
  dockerfile: Dockerfile,
  predefined: Scope,
  given: BuildArgs,
  budget: PlanBudget,
): GlobalArgs {
  const scope = predefined.copy();
  const declared = new Set<string>();
  for (const instruction of dockerfile.globalArgs) {
    for (const { key, value } of instruction.args) {
      declared.add(key);
      const result = given.get(key) ?? defaultValue(instruction, value, scope, dockerfile.escape, budget);
      if (result !== undefined) scope.set(key, result);
    }
  }
  return { scope, declared };
}

function defaultValue(
  instruction: ArgInstruction,
  value: string | undefined,
  scope: Scope,
  escapeCharacter: string,
  budget: PlanBudget,
): string | undefined {
  if (value === undefined) return undefined;
  return attachLines(instruction.lines, () =>
    budget.value(expandWord(value, scope, { escape: escapeCharacter }).value),
  );
}

const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/** The proxy settings among the build arguments, in both cases; undefined without any. They need no ARG. */
export function proxiesOf(given: BuildArgs): Record<string, string> | undefined {
  const proxies: Record<string, string> = {};
  for (const name of [...given.keys()].sort()) {
    const value = proxyNames.includes(name.toUpperCase()) ? given.get(name) : undefined;
    if (value === undefined) continue;
    proxies[name.toUpperCase()] = value;
    proxies[name.toLowerCase()] = value;
  }
  return Object.keys(proxies).length === 0 ? undefined : proxies;
}
