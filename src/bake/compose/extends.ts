import { posix } from "node:path";
import { requireSize } from "../budget.ts";
import { BakeError } from "../error.ts";
import { type ComposeOptions, parseCompose } from "./load.ts";
import {
  buildMap,
  isLocalPath,
  isYamlMap,
  mergeYaml,
  own,
  pairs,
  type Yaml,
  type YamlMap,
} from "./yaml-value.ts";

/** Resolves what services extend, in this file or another (compose-spec, 05-services.md, "extends"). */
export class ServiceExtensions {
  readonly #options: ComposeOptions;
  /** Services of files by their paths. */
  readonly #files = new Map<string, YamlMap>();
  /** Resolved services; undefined while they are being resolved. */
  readonly #resolved = new Map<string, Yaml | undefined>();

  constructor(options: ComposeOptions) {
    this.#options = options;
  }

  resolveAll(services: YamlMap, file: string): YamlMap {
    this.#files.set(file, services);
    return Object.fromEntries(Object.keys(services).map((name) => [name, this.#resolve(name, file)]));
  }

  #resolve(name: string, file: string): Yaml {
    const id = `${file}:${name}`;
    const known = this.#resolved.get(id);
    if (known !== undefined) return known;
    if (this.#resolved.has(id)) throw new BakeError(`${file}: the service "${name}" extends itself`);
    this.#resolved.set(id, undefined);
    const service = this.#extend(name, file);
    this.#resolved.set(id, service);
    return service;
  }

  #extend(name: string, file: string): Yaml {
    const service = own(this.#files.get(file) ?? {}, name);
    if (service === undefined)
      throw new BakeError(`${file}: cannot extend service "${name}": it does not exist`);
    if (!isYamlMap(service)) return service;
    const { extends: base, ...rest } = service;
    if (base === undefined || base === null) return rest;
    const wanted = isYamlMap(base) ? base : { service: base };
    const baseName = String(wanted.service);
    if (wanted.file === undefined) return mergeYaml(this.#resolve(baseName, file), rest);
    const other = posix.join(posix.dirname(file), String(wanted.file));
    if (!this.#files.has(other))
      this.#files.set(other, this.#read(other, `${file}: cannot extend "${baseName}"`));
    const folder = posix.relative(posix.dirname(file), posix.dirname(other));
    return mergeYaml(relocate(this.#resolve(baseName, other), folder), rest);
  }

  #read(path: string, what: string): YamlMap {
    let text: string;
    try {
      text = this.#options.readFile(path);
    } catch (error) {
      throw new BakeError(`${what} of ${path}: ${(error as Error).message}`);
    }
    requireSize(path, text);
    const services = own(parseCompose(text, path, this.#options), "services");
    return isYamlMap(services) ? services : {};
  }
}

/** Contexts of another file are relative to its folder. */
function relocate(service: Yaml, folder: string): Yaml {
  if (!isYamlMap(service) || folder === "" || (service.build ?? null) === null) return service;
  const build = buildMap(service.build as Yaml);
  const move = (path: Yaml | undefined) => (isLocalPath(path) ? posix.join(folder, path) : (path ?? null));
  const contexts = Object.entries(pairs(build.additional_contexts)).map(([name, path]) => [name, move(path)]);
  return {
    ...service,
    build: {
      ...build,
      context: move(build.context ?? "."),
      ...(contexts.length > 0 && { additional_contexts: Object.fromEntries(contexts) }),
    },
  };
}
