import { resolve } from "node:path";
import { UsageError } from "../../command/command-error.ts";
import { readCsvFields } from "../../command/flags/csv-fields.ts";
import type { ContainerMount } from "../../runner/containers/container-mounts.ts";
import { cut } from "../../streams/cut.ts";

/** Options of `-v` that change nothing on a machine with Linux. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(
  "rw z Z cached delegated consistent private rprivate shared rshared slave rslave".split(" "),
);

/** Parses a value of `-v`. @throws {UsageError} with docker's words */
export function parseVolumeFlag(spec: string): ContainerMount {
  const invalid = (reason: string) => new UsageError(`invalid volume specification: '${spec}': ${reason}`);
  const parts = spec.split(":");
  if (spec === "" || parts.length > 3) throw new UsageError(`invalid volume specification: '${spec}'`);
  const [first = "", second, modes = ""] = parts;
  const target = second ?? first;
  if (!target.startsWith("/")) throw invalid(`invalid mount path: '${target}' mount path must be absolute`);
  const options = modes.split(",").filter(Boolean);
  for (const option of options)
    if (!WITHOUT_EFFECT.has(option) && option !== "ro" && option !== "nocopy")
      throw invalid(`invalid mode: ${modes}`);
  if (normalizePath(target) === "/") throw invalid("invalid specification: destination can't be '/'");
  const common = { target: normalizePath(target), readonly: options.includes("ro") };
  if (second !== undefined && /^[/.]/.test(first))
    return { type: "bind", source: resolve(first), create: true, ...common };
  const copy = !options.includes("nocopy");
  return { type: "volume", copy, ...common, ...(second !== undefined && { name: first }) };
}

/** Parses a value of `--tmpfs`. @throws {UsageError} */
export function readTmpfs(spec: string): ContainerMount {
  const [target = "", ...options] = spec.split(":");
  return {
    type: "tmpfs",
    target: absolute(target, spec),
    options: options.join(":").split(",").filter(Boolean),
  };
}

const KEYS: Readonly<Record<string, string>> = {
  type: "type",
  source: "source",
  src: "source",
  target: "target",
  dst: "target",
  destination: "target",
  readonly: "readonly",
  ro: "readonly",
  "volume-nocopy": "volume-nocopy",
  "tmpfs-size": "tmpfs-size",
  "tmpfs-mode": "tmpfs-mode",
  // Mounts are private, and those below a bind mount come with it.
  "bind-propagation": "",
  "bind-recursive": "",
  consistency: "",
};
const FLAGS: ReadonlySet<string> = new Set(["readonly", "volume-nocopy"]);

/** Parses a value of `--mount`. @throws {UsageError} with docker's words */
export function parseMountFlag(spec: string): ContainerMount {
  const invalid = (reason: string) =>
    new UsageError(`invalid argument ${JSON.stringify(spec)} for "--mount" flag: ${reason}`);
  const values = readFields(spec, invalid);
  const { type = "volume", source, target, readonly } = values;
  if (target === undefined) throw invalid("target is required");
  const common = { target: absolute(target, spec), readonly: readonly !== undefined };
  switch (type) {
    case "bind":
      if (source === undefined)
        throw invalid('invalid mount config for type "bind": field Source must not be empty');
      return { type: "bind", source: resolve(source), create: false, ...common };
    case "volume": {
      const copy = values["volume-nocopy"] === undefined;
      return { type: "volume", copy, ...common, ...(source && { name: source }) };
    }
    case "tmpfs":
      if (source !== undefined)
        throw invalid('invalid mount config for type "tmpfs": field Source must not be specified');
      return { type: "tmpfs", target: common.target, options: tmpfsOptions(values, invalid) };
    default:
      throw invalid(`invalid mount config: mount type ${JSON.stringify(type)} unknown`);
  }
}

type Invalid = (reason: string) => UsageError;

/** Flags that are off are left out. */
function readFields(spec: string, invalid: Invalid): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const field of readCsvFields(spec, invalid)) {
    const [name, value] = cut(field, "=");
    const given = name.toLowerCase();
    const key = Object.hasOwn(KEYS, given) ? KEYS[given] : undefined;
    if (value === undefined && (key === undefined || !FLAGS.has(key)))
      throw invalid(`invalid field '${field}' must be a key=value pair`);
    if (key === undefined) throw invalid(`unexpected key '${given}' in '${field}'`);
    if (!FLAGS.has(key)) values[key] = value;
    else if (/^(?:1|t|true)$/i.test(value ?? "true")) values[key] = "true";
    else if (!/^(?:0|f|false)$/i.test(value ?? "")) throw invalid(`invalid value for ${given}: ${value}`);
  }
  return values;
}

function tmpfsOptions(values: Record<string, string | undefined>, invalid: Invalid): string[] {
  const { "tmpfs-size": size, "tmpfs-mode": mode, readonly } = values;
  if (size !== undefined && !/^\d+[bkmg]?$/i.test(size))
    throw invalid(`invalid value for tmpfs-size: ${size}`);
  if (mode !== undefined && !/^[0-7]{1,4}$/.test(mode))
    throw invalid(`invalid value for tmpfs-mode: ${mode}`);
  return [
    ...(readonly !== undefined ? ["ro"] : []),
    ...(mode !== undefined ? [`mode=${mode}`] : []),
    ...(size !== undefined ? [`size=${size.replace(/b$/i, "")}`] : []),
  ];
}

function absolute(target: string, spec: string): string {
  if (target.startsWith("/")) return normalizePath(target);
  throw new UsageError(`invalid mount path: '${target}' in '${spec}': mount path must be absolute`);
}

function normalizePath(path: string): string {
  return resolve("/", path);
}
