import { suggest } from "../../dockerfile/suggest.ts";
import { BakeError } from "../error.ts";
import { isYamlMap, own, type Yaml, type YamlMap } from "./yaml-value.ts";

/** Elements of a compose file (compose-spec, 00-overview.md and schema/compose-spec.json). */
const ELEMENTS = [
  "configs",
  "include",
  "models",
  "name",
  "networks",
  "secrets",
  "services",
  "version",
  "volumes",
];

/**
 * Reports unknown elements of a compose file.
 * @throws {BakeError} when the file has no services: those of the first version were elements themselves
 */
export function checkElements(file: YamlMap, name: string, warn: (message: string) => void): void {
  for (const element of Object.keys(file)) {
    if (ELEMENTS.includes(element) || element.startsWith("x-")) continue;
    const near = suggest(element, ELEMENTS);
    const message = `${name}: ${JSON.stringify(element)} is not an element of a compose file`;
    if (near !== undefined) warn(`${message}; did you mean "${near}"?`);
    else if (own(file, "services") !== undefined) warn(message);
    else throw new BakeError(`${message}: services belong below "services"`);
  }
}

/**
 * The services of a project, after all files are merged.
 * @throws {BakeError} when there are none, or one has neither an image nor a build
 */
export function checkedServices(project: YamlMap): [name: string, service: YamlMap][] {
  const services = own(project, "services") ?? {};
  if (!isYamlMap(services)) throw new BakeError("services must be a mapping");
  const entries = Object.entries(services);
  if (entries.length === 0) throw new BakeError("The compose file has no services");
  return entries.map(([name, service]) => {
    if (!isYamlMap(service)) throw new BakeError(`services.${name} must be a mapping`);
    if (isMissing(service.image) && !("build" in service) && isMissing(service.provider))
      throw new BakeError(`The service "${name}" has neither an image nor a build`);
    if (service.build === null) throw new BakeError(`services.${name}.build must be a string or a mapping`);
    return [name, service];
  });
}

function isMissing(value: Yaml | undefined): boolean {
  return value === undefined || value === null || value === "";
}
