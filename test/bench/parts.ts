import { resolve } from "node:path";
import { startDocker } from "./builders/docker.ts";
import { startTarAndCurl, startVarveCommand, type VarveOptions } from "./builders/varve.ts";
import { type Bench, type Comparison, compare, type StartBuilder } from "./compare.ts";
import { stepAccess } from "./network/proxy.ts";
import { exampleProjects, projects } from "./projects/index.ts";
import { compareRegistries } from "./registries.ts";
import type { Scenario } from "./scenario.ts";
import { chain300, copyD, largeContext, runCases, threeSleeps } from "./shapes.ts";

type Part = (bench: Bench) => Promise<Comparison[]>;

/** Whether a name matches one of the patterns of a flag, in which * is any text. Without the flag, every name matches. */
export function matcher(patterns: string | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => true;
  const all = patterns.split(",").map((pattern) => {
    const escaped = pattern.trim().replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*")}$`);
  });
  return (name) => all.some((pattern) => pattern.test(name));
}

/**
 * The parts that compare builders, by name.
 * @param isWanted scenarios whose name it does not accept are left out
 * @param profile folder for CPU profiles of varve
 */
export function partsOf(isWanted: (scenario: string) => boolean, profile?: string): Record<string, Part> {
  const docker: StartBuilder = ({ bench, registry, scenario, proxy }) =>
    startDocker({ daemon: bench.daemon, registry, bases: scenario.bases, ...(proxy && { proxy }) });
  const varve =
    (
      start: typeof startVarveCommand,
      options: Pick<VarveOptions, "runners" | "executes"> = {},
    ): StartBuilder =>
    ({ bench, registry, proxy }) =>
      start({
        command: bench.command,
        hub: registry.url,
        ...options,
        ...(profile !== undefined && { profile: resolve(profile) }),
        ...(proxy && { access: stepAccess("varve", proxy, bench.daemon.gateway) }),
      });
  const usual = { docker, "varve build": varve(startVarveCommand) };
  const comparing =
    (scenarios: readonly Scenario[], builders: Record<string, StartBuilder> = usual): Part =>
    async (bench) => {
      const results: Comparison[] = [];
      for (const scenario of scenarios.filter(({ name }) => isWanted(name))) {
        try {
          results.push(...(await compare(scenario, builders, bench)));
        } catch (error) {
          bench.fail(scenario.name, error);
        }
      }
      return results;
    };
  return {
    projects: comparing([...projects, ...exampleProjects]),
    parallel: comparing([threeSleeps, ...projects.filter(({ name }) => name === "diamond")], {
      ...usual,
      "three runners with one slot": varve(startVarveCommand, { runners: 3 }),
    }),
    "own-runner": comparing(
      projects.filter(({ name }) => ["rust-logs", "go-links", "node-shop"].includes(name)),
      { docker, "varve build --runner local": varve(startVarveCommand, { executes: true }) },
    ),
    "copy-d": comparing([copyD]),
    "chain-300": comparing([chain300]),
    context: comparing([largeContext], { ...usual, "tar | curl": varve(startTarAndCurl) }),
    run: comparing(runCases),
    registry: compareRegistries,
  };
}
