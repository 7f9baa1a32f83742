import { suggest } from "../../dockerfile/suggest.ts";
import { BakeError } from "../error.ts";
import { isYamlMap, own, type Yaml, type YamlMap } from "./yaml-map.ts";

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

/** @throws {BakeError} when a file has an element that a compose file has not, such as a service outside of `services` */
export function requireElement(name: string): void {
  if (ELEMENTS.includes(name) || name.startsWith("x-")) return;
  const near = suggest(name, ELEMENTS);
  throw new BakeError(
    `${JSON.stringify(name)} is not an element of a compose file: ${near === undefined ? 'services belong below "services"' : `did you mean "${near}"?`}`,
  );
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
