import { posix } from "node:path";
import { BakeError } from "../error.ts";
import { mergeValues, type TargetValues, unique } from "../target.ts";
import { readDotEnv } from "./interpolate.ts";
import type { ComposeOptions } from "./load.ts";
import { buildMap, isLocalPath, isYamlMap, own, pairs, type Yaml, type YamlMap } from "./yaml-value.ts";

/** Members of `build` that have an effect. */
const BUILD_KEYS = [
  "additional_contexts",
  "args",
  "cache_from",
  "cache_to",
  "context",
  "dockerfile",
  "dockerfile_inline",
  "entitlements",
  "extra_hosts",
  "isolation",
  "labels",
  "network",
  "no_cache",
  "platforms",
  "privileged",
  "provenance",
  "pull",
  "sbom",
  "secrets",
  "shm_size",
  "ssh",
  "tags",
  "target",
  "ulimits",
];
const IGNORED_KEYS: Readonly<Record<string, string>> = {
  isolation: "it applies to Windows only",
  privileged: "say entitlements",
};

/**
 * The fields of a target that `build` of a service sets (compose-spec, build.md), with those of its `x-bake`.
 * @throws {BakeError}
 */
export function buildValues(
  service: string,
  definition: YamlMap,
  project: YamlMap,
  options: ComposeOptions,
): TargetValues {
  const build = buildMap(definition.build as Yaml);
  for (const key of Object.keys(build)) {
    const reason = IGNORED_KEYS[key];
    if (reason !== undefined) options.warn(`services.${service}.build.${key} has no effect: ${reason}`);
    else if (!BUILD_KEYS.includes(key) && !key.startsWith("x-"))
      options.warn(`services.${service}.build has an unknown member "${key}"`);
  }
  const values: TargetValues = {
    ...text("context", cleanPath(build.context)),
    ...text("dockerfile", build.dockerfile),
    ...text("dockerfile-inline", build.dockerfile_inline),
    ...text("target", build.target),
    ...text("network", build.network),
    ...(build.shm_size !== undefined && { "shm-size": sizeText(build.shm_size) }),
    ...list("tags", texts(build.tags)),
    ...list("cache-from", texts(build.cache_from)),
    ...list("cache-to", texts(build.cache_to)),
    ...list("platforms", texts(build.platforms)),
    ...list("ssh", sshSpecs(build.ssh)),
    ...list("secret", secretSpecs(build.secrets, project)),
    ...list("ulimits", ulimits(build.ulimits)),
    ...list("entitlements", texts(build.entitlements)),
    ...list("attest", attests(build)),
    ...map("args", args(build.args, definition, options)),
    ...map("labels", textMap(build.labels)),
    ...map(
      "contexts",
      new Map([...textMap(build.additional_contexts)].map(([key, path]) => [key, cleanPath(path)])),
    ),
    ...map("extra-hosts", hosts(build.extra_hosts)),
    ...bool("pull", build.pull),
    ...bool("no-cache", build.no_cache),
  };
  return withExtension(values, build["x-bake"]);
}

/** A path as compose writes it: `./dir/` is `dir`. */
function cleanPath(path: Yaml | undefined): string {
  if (path === undefined || path === null) return "";
  return isLocalPath(path) ? posix.normalize(path).replace(/(?<=.)\/$/, "") : String(path);
}

type Single<Name extends keyof TargetValues> = Pick<TargetValues, Name>;

function text(
  name: "context" | "dockerfile" | "dockerfile-inline" | "target" | "network",
  value: Yaml | undefined,
): TargetValues {
  return value === undefined || value === null || value === "" ? {} : { [name]: String(value) };
}

function bool(name: "pull" | "no-cache", value: Yaml | undefined): TargetValues {
  return value === undefined || value === null ? {} : { [name]: value === true || value === "true" };
}

function list(name: keyof TargetValues, values: readonly string[]): TargetValues {
  return values.length === 0 ? {} : ({ [name]: values } as Single<typeof name>);
}

function map(
  name: "args" | "labels" | "contexts" | "extra-hosts",
  values: ReadonlyMap<string, string>,
): TargetValues {
  return values.size === 0 ? {} : { [name]: values };
}

function texts(value: Yaml | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : typeof value === "string" && value !== "" ? [value] : [];
}

function textMap(value: Yaml | undefined): Map<string, string> {
  return new Map(Object.entries(pairs(value)).map(([key, item]) => [key, item === null ? "" : String(item)]));
}

/** Arguments without a value have that of the service's environment, or of the caller's. */
function args(value: Yaml | undefined, service: YamlMap, options: ComposeOptions): Map<string, string> {
  const environment = serviceEnvironment(service, options);
  const found = new Map<string, string>();
  for (const [name, given] of Object.entries(pairs(value))) {
    const text = given ?? environment[name] ?? options.environment[name];
    if (text !== undefined && text !== null) found.set(name, String(text));
  }
  return found;
}

function serviceEnvironment(service: YamlMap, options: ComposeOptions): YamlMap {
  const files = Array.isArray(service.env_file) ? service.env_file : [service.env_file ?? null];
  const read = files.flatMap((entry) => {
    const { path, required = true } = isYamlMap(entry) ? entry : { path: entry };
    if (typeof path !== "string") return [];
    try {
      return [readDotEnv(options.readFile(path), options.environment)];
    } catch (error) {
      if (required === false) return [];
      throw new BakeError(`cannot read env file ${path}: ${(error as Error).message}`);
    }
  });
  return Object.assign({}, ...read, pairs(service.environment)) as YamlMap;
}

function hosts(value: Yaml | undefined): Map<string, string> {
  if (isYamlMap(value))
    return new Map(Object.entries(value).map(([name, address]) => [name, texts(address).join(",")]));
  return new Map(
    texts(value).map((entry) => {
      const at = entry.search(/[=:]/);
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function sshSpecs(value: Yaml | undefined): string[] {
  return Object.entries(Array.isArray(value) || isYamlMap(value) ? pairs(value) : pairs(texts(value))).map(
    ([id, path]) => (path === null ? id : `${id}=${String(path)}`),
  );
}

function secretSpecs(value: Yaml | undefined, project: YamlMap): string[] {
  const known = own(project, "secrets");
  return (Array.isArray(value) ? value : []).map((entry) => {
    const wanted = isYamlMap(entry) ? entry : { source: entry };
    const source = String(wanted.source);
    const secret = isYamlMap(known) ? own(known, source) : undefined;
    if (!isYamlMap(secret)) throw new BakeError(`the secret "${source}" is not defined`);
    if (secret.external) throw new BakeError(`unsupported external secret ${source}`);
    return [
      `id=${source}`,
      ...(secret.file ? [`src=${cleanPath(secret.file)}`] : []),
      ...(secret.environment ? [`env=${String(secret.environment)}`] : []),
    ].join(",");
  });
}

function ulimits(value: Yaml | undefined): string[] {
  return Object.entries(isYamlMap(value) ? value : {})
    .map(([name, limit]) => {
      const { soft, hard } = isYamlMap(limit) ? limit : { soft: limit, hard: limit };
      return `${name}=${String(soft)}:${String(hard)}`;
    })
    .sort();
}

function attests({ provenance, sbom }: YamlMap): string[] {
  const attest = (type: string, value: Yaml | undefined) => {
    if (value === undefined || value === null) return [];
    if (typeof value === "boolean" || value === "true" || value === "false")
      return [`type=${type},disabled=${String(value) !== "true"}`];
    return [`type=${type},${String(value)}`];
  };
  return [...attest("provenance", provenance), ...attest("sbom", sbom)];
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes as docker writes them: `64m` is `64MiB`. */
function sizeText(value: Yaml): string {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(String(value)) ?? [];
  if (digits === undefined) throw new BakeError(`invalid size: ${JSON.stringify(value)}`);
  let size = Number(digits) * 1024 ** " kmgt".indexOf(unit.toLowerCase() || " ");
  let at = 0;
  while (size >= 1024 && at < UNITS.length - 1) {
    size /= 1024;
    at++;
  }
  return `${Number(size.toPrecision(4))}${UNITS[at]}`;
}

/** Members of `x-bake`; lists add to those of `build`. */
const EXTENSION_LISTS = [
  "tags",
  "cache-from",
  "cache-to",
  "secret",
  "ssh",
  "platforms",
  "output",
  "no-cache-filter",
] as const;

function withExtension(values: TargetValues, extension: Yaml | undefined): TargetValues {
  if (!isYamlMap(extension)) return values;
  let result = values;
  for (const name of EXTENSION_LISTS) {
    const given = extension[name];
    const more = typeof given === "string" ? given.split(/\s+/) : texts(given);
    if (more.length > 0) result = { ...result, [name]: unique([...(values[name] ?? []), ...more]) };
  }
  const contexts = new Map([...textMap(extension.contexts), ...(values.contexts ?? [])]);
  return mergeValues(result, {
    ...bool("pull", extension.pull),
    ...bool("no-cache", extension["no-cache"]),
    ...map("contexts", contexts),
  });
}
