import { compareText, goJson } from "./hcl/values.ts";
import type { BakePlan } from "./resolve.ts";
import { type FieldName, type TargetValues, targetFields } from "./target.ts";

/** The plan as `docker buildx bake --print` prints it. */
export function planText({ groups, targets }: BakePlan): string {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => compareText(a, b));
  const plan = {
    ...(groups.size > 0 && {
      group: Object.fromEntries(sorted(groups).map(([name, members]) => [name, { targets: members }])),
    }),
    target: Object.fromEntries(sorted(targets).map(([name, { values }]) => [name, shown(values)])),
  };
  return `${goJson(plan, 2)}\n`;
}

/** The fields that are set, in their order; lists and maps without elements are left out. */
function shown(values: TargetValues): object {
  const fields: [string, unknown][] = [];
  for (const name of Object.keys(targetFields) as FieldName[]) {
    const value = values[name];
    if (value === undefined) continue;
    if (value instanceof Map) {
      if (value.size === 0) continue;
      fields.push([name, Object.fromEntries([...value].sort(([a], [b]) => compareText(a, b)))]);
    } else if (!Array.isArray(value) || value.length > 0) fields.push([name, value]);
  }
  return Object.fromEntries(fields);
}
