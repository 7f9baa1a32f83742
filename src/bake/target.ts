import { csvFields } from "../dockerfile/csv.ts";

/** Rule for merging the values of a field from several blocks and targets. */
type Merge = "replace" | "append";

interface Field {
  kind: "text" | "bool" | "list" | "map";
  merge: Merge;
}

const text = { kind: "text", merge: "replace" } as const satisfies Field;
const bool = { kind: "bool", merge: "replace" } as const satisfies Field;
const list = { kind: "list", merge: "replace" } as const satisfies Field;
const appended = { kind: "list", merge: "append" } as const satisfies Field;
const map = { kind: "map", merge: "append" } as const satisfies Field;

/** The fields of a target, in the order in which `--print` shows them. */
export const targetFields = {
  description: text,
  annotations: appended,
  attest: appended,
  context: text,
  contexts: map,
  dockerfile: text,
  "dockerfile-inline": text,
  args: map,
  labels: map,
  tags: list,
  "cache-from": appended,
  "cache-to": list,
  target: text,
  secret: appended,
  ssh: appended,
  platforms: list,
  output: list,
  pull: bool,
  "no-cache": bool,
  network: text,
  "no-cache-filter": appended,
  "shm-size": text,
  ulimits: appended,
  call: text,
  entitlements: appended,
  "extra-hosts": map,
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof targetFields;
type ValueOf<F extends Field> = F["kind"] extends "text"
  ? string
  : F["kind"] extends "bool"
    ? boolean
    : F["kind"] extends "list"
      ? readonly string[]
      : ReadonlyMap<string, string>;

/** The fields that a target sets. An empty list counts as set. */
export type TargetValues = { [Name in FieldName]?: ValueOf<(typeof targetFields)[Name]> };
export type FieldValue = string | boolean | readonly string[] | ReadonlyMap<string, string>;

/** A target as files define it. */
export interface TargetDefinition {
  name: string;
  inherits: readonly string[];
  values: TargetValues;
}

/** Targets under one name. */
export interface TargetGroup {
  name: string;
  targets: readonly string[];
}

/** The definitions of all files. */
export interface Definitions {
  groups: readonly TargetGroup[];
  targets: readonly TargetDefinition[];
}

const SPECIFICATIONS: ReadonlySet<FieldName> = new Set([
  "attest",
  "cache-from",
  "cache-to",
  "output",
  "secret",
  "ssh",
]);

/** Whether elements of this list have the form `type=…,key=…`, which a file may also write as an object. */
export function hasSpecifications(name: FieldName): boolean {
  return SPECIFICATIONS.has(name);
}

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(targetFields, name);
}

/** Merges fields: those of `over` take precedence over those of `under`. */
export function mergeValues(under: TargetValues, over: TargetValues): TargetValues {
  const merged: Partial<Record<FieldName, FieldValue>> = { ...under };
  for (const name of Object.keys(targetFields) as FieldName[]) {
    const value = over[name];
    if (value === undefined) continue;
    const before = merged[name];
    if (targetFields[name].merge === "replace" || before === undefined) merged[name] = value;
    else if (value instanceof Map)
      merged[name] = new Map([...(before as ReadonlyMap<string, string>), ...value]);
    else if (Array.isArray(value)) merged[name] = [...(before as readonly string[]), ...value];
  }
  return merged as TargetValues;
}

/** Removes duplicate and empty values. Keeps the last attestation of each type. */
export function normalizeValues(values: TargetValues): TargetValues {
  const normal: Partial<Record<FieldName, FieldValue>> = { ...values };
  for (const [name, value] of Object.entries(values) as [FieldName, FieldValue][]) {
    if (Array.isArray(value)) normal[name] = name === "attest" ? lastOfEachType(value) : unique(value);
  }
  const contexts = new Map([...(values.contexts ?? [])].filter(([, source]) => source !== ""));
  if (values.contexts !== undefined) normal.contexts = contexts;
  return normal as TargetValues;
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== "");
}

function lastOfEachType(attests: readonly string[]): string[] {
  const byType = new Map<string, string>();
  for (const attest of attests) byType.set(typeOf(attest) ?? attest, attest);
  return [...byType.values()];
}

/** The value of `type` in `type=…,key=…`. */
export function typeOf(spec: string): string | undefined {
  return csvFields(spec)
    .find((field) => field.startsWith("type="))
    ?.slice("type=".length);
}
