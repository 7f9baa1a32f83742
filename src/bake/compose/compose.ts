import { BakeError } from "../error.ts";
import type { Definitions, TargetDefinition } from "../target.ts";
import { buildValues } from "./build-values.ts";
import { checkedServices } from "./check.ts";
import { ServiceExtensions } from "./extends.ts";
import { type ComposeOptions, parseCompose } from "./load.ts";
import { isYamlMap, mergeYaml, own, type YamlMap } from "./yaml-value.ts";

interface ComposeFile {
  name: string;
  text: string;
}

/**
 * The services of compose files with a `build`, as targets; the group `default` contains all. Services of all
 * profiles are included, as buildx does.
 * @throws {BakeError}
 */
export function composeDefinitions(files: readonly ComposeFile[], options: ComposeOptions): Definitions {
  let project: YamlMap = {};
  for (const { name, text } of files) {
    const file = parseCompose(text, name, options);
    if (own(file, "include") !== undefined)
      options.warn(`${name}: "include" has no effect: pass the included files with --file`);
    const services = own(file, "services");
    const extended = isYamlMap(services)
      ? new ServiceExtensions(options).resolveAll(services, name)
      : services;
    project = mergeYaml(project, {
      ...file,
      ...(extended !== undefined && { services: extended }),
    }) as YamlMap;
  }
  const targets = checkedServices(project)
    .filter(([, service]) => "build" in service)
    .map(([name, service]) => targetOf(name, service, project, options));
  targets.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { targets, groups: [{ name: "default", targets: targets.map(({ name }) => name) }] };
}

function targetOf(
  service: string,
  definition: YamlMap,
  project: YamlMap,
  options: ComposeOptions,
): TargetDefinition {
  const name = service.replaceAll(".", "_");
  if (!/^[a-zA-Z0-9_-]+$/.test(name))
    throw new BakeError(`invalid service name ${JSON.stringify(name)}: only "[a-zA-Z0-9_-]+" are allowed`);
  const values = buildValues(service, definition, project, options);
  const { image } = definition;
  const isNamed = values.tags !== undefined || typeof image !== "string" || image === "";
  return { name, inherits: [], values: isNamed ? values : { ...values, tags: [image] } };
}
