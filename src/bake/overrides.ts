import { readBoolean } from "../dockerfile/boolean.ts";
import { suggest } from "../dockerfile/suggest.ts";
import { compileGlob, type Glob } from "../dockerignore/glob.ts";
import { cut } from "../streams/cut.ts";
import { BakeError } from "./error.ts";
import { type FieldName, type FieldValue, type TargetValues, targetFields, typeOf } from "./target.ts";

/** An override by `--set` of one key of a target: `args.NAME`, `tags`, `push`. */
interface Override {
  key: string;
  /** The part after the first dot of the key. */
  name: string | undefined;
  values: string[];
  /** Whether the values are added to those of a list: `+=`. */
  isAppended: boolean;
}

/** Overrides by target. */
export type Overrides = ReadonlyMap<string, readonly Override[]>;

/** Keys of `--set` by the field that they set, where the names differ. */
const KEYS: Readonly<Record<string, FieldName>> = { secrets: "secret", platform: "platforms" };
/** Keys of whole lists that replace the list. */
const LISTS: ReadonlySet<FieldName> = new Set([
  "cache-from",
  "cache-to",
  "no-cache-filter",
  "output",
  "platforms",
  "secret",
  "ssh",
  "tags",
  "ulimits",
]);

/**
 * Reads `--set PATTERN.KEY[.NAME]=VALUE`, and `+=`, which adds to a list.
 * @param targets names of all targets
 * @param environment for arguments that are named without a value
 * @throws {BakeError}
 */
export function readOverrides(
  texts: readonly string[],
  targets: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Overrides {
  const overrides = new Map<string, Override[]>();
  for (const text of texts) {
    const [left, written] = cut(text, "=");
    const isAppended = left.endsWith("+");
    const path = isAppended ? left.slice(0, -1) : left;
    const [pattern = "", key, ...rest] = path.split(".");
    if (key === undefined) throw new BakeError(`invalid override key ${path}, expected target.name`);
    const name = rest.length > 0 ? rest.join(".") : undefined;
    if (written === undefined && key !== "args")
      throw new BakeError(`invalid override ${text}, expected target.name=value`);
    const value = written ?? environment[name ?? ""];
    if (["args", "contexts"].includes(key) && name === undefined)
      throw new BakeError(`invalid key ${path}, ${key} requires name`);
    for (const target of matchTargets(pattern, targets)) {
      if (value === undefined) continue;
      const list = overrides.get(target) ?? [];
      const known = list.find((other) => other.key === key && other.name === name);
      if (known === undefined) list.push({ key, name, values: [value], isAppended });
      else {
        known.values.push(value);
        known.isAppended = isAppended;
      }
      overrides.set(target, list);
    }
  }
  return overrides;
}

/** Targets of a name, or of a pattern of `path.Match`. @throws {BakeError} when there is none */
function matchTargets(pattern: string, targets: readonly string[]): string[] {
  if (targets.includes(pattern)) return [pattern];
  let glob: Glob;
  try {
    glob = compileGlob(pattern);
  } catch {
    throw new BakeError(`could not match targets with '${pattern}'`);
  }
  const names = targets.filter((name) => glob.matches(name));
  if (names.length > 0) return names;
  const near = suggest(pattern, targets);
  throw new BakeError(
    `could not find any target matching '${pattern}'${near === undefined ? "" : `; did you mean "${near}"?`}`,
  );
}

/** The values of a target with the overrides of `--set`. @throws {BakeError} */
export function applyOverrides(values: TargetValues, overrides: readonly Override[]): TargetValues {
  const result: Partial<Record<FieldName, FieldValue>> = { ...values };
  for (const { key, name, values: given, isAppended } of overrides) {
    const field = (KEYS[key] ?? key) as FieldName;
    const value = given.at(-1) ?? "";
    if (key === "push") continue;
    if (!Object.hasOwn(targetFields, field)) throw new BakeError(`unknown key: ${key}${didYouMean(key)}`);
    switch (targetFields[field].kind) {
      case "text":
        result[field] = value;
        break;
      case "bool":
        result[field] = readBool(key, value);
        break;
      case "map":
        if (name === undefined) throw new BakeError(`${key} require name`);
        result[field] = new Map([...((result[field] as ReadonlyMap<string, string>) ?? []), [name, value]]);
        break;
      case "list":
        result[field] =
          LISTS.has(field) && !isAppended
            ? given
            : [...((result[field] as readonly string[]) ?? []), ...given];
        break;
    }
  }
  const push = overrides.find(({ key }) => key === "push");
  // Applied last, because it changes the outputs.
  if (push !== undefined)
    result.output = withPush(result.output as readonly string[] | undefined, push.values.at(-1) ?? "");
  return result as TargetValues;
}

function withPush(outputs: readonly string[] = [], value: string): string[] {
  readBool("push", value);
  if (outputs.length === 0) return ["type=image,push=true"];
  return outputs.map((output) =>
    ["image", "registry"].includes(typeOf(output) ?? "") ? `${output},push=${value}` : output,
  );
}

function readBool(key: string, text: string): boolean {
  const value = readBoolean(text);
  if (value === undefined) throw new BakeError(`invalid value ${text} for boolean key ${key}`);
  return value;
}

function didYouMean(key: string): string {
  const near = suggest(key, [...Object.keys(targetFields), ...Object.keys(KEYS), "push"]);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}
