import { suggest } from "../dockerfile/suggest.ts";
import { BakeBudget } from "./budget.ts";
import { BakeError } from "./error.ts";
import { applyOverrides, type Overrides } from "./overrides.ts";
import {
  type Definitions,
  mergeValues,
  normalizeValues,
  type TargetDefinition,
  type TargetGroup,
  type TargetValues,
} from "./target.ts";

/** A target with its inherited fields. */
export interface BakeTarget {
  values: TargetValues & { context: string; dockerfile: string };
  /** Whether it is built only as a context of another target, `target:NAME`. Its outputs are then ignored. */
  isLinked: boolean;
}

/** The targets of a build. */
export interface BakePlan {
  groups: ReadonlyMap<string, readonly string[]>;
  targets: ReadonlyMap<string, BakeTarget>;
}

/** Contexts with this prefix are results of other targets. */
export const TARGET_PREFIX = "target:";

/**
 * Resolves groups, inheritance, overrides and links of the targets that are named.
 * @throws {BakeError}
 */
export function resolveTargets(
  { groups, targets }: Definitions,
  names: readonly string[],
  overrides: Overrides,
): BakePlan {
  const resolver = new Resolver({ groups, targets }, overrides);
  const wanted = names.map((name) => name.replaceAll(".", "_"));
  const plan = { groups: new Map<string, readonly string[]>(), targets: new Map<string, BakeTarget>() };
  for (const name of wanted) {
    const members = resolver.members(name);
    for (const [target, group] of members.targets)
      plan.targets.set(target, resolver.target(target, group && `the group "${group}"`));
    for (const group of members.groups) plan.groups.set(group.name, group.targets);
  }
  const others = wanted.filter((name) => name !== "default");
  if (others.length > 0)
    plan.groups.set("default", [...new Set([...(plan.groups.get("default") ?? []), ...others])]);
  for (const name of [...plan.targets.keys()]) resolver.addLinks(name, plan.targets, []);
  return plan;
}

class Resolver {
  readonly #definitions: Definitions;
  readonly #groups: ReadonlyMap<string, TargetGroup>;
  readonly #targets: ReadonlyMap<string, TargetDefinition>;
  readonly #overrides: Overrides;
  readonly #budget = new BakeBudget();
  /** Targets whose links were added. */
  readonly #linked = new Set<string>();

  constructor(definitions: Definitions, overrides: Overrides) {
    this.#definitions = definitions;
    this.#groups = new Map(definitions.groups.map((group) => [group.name, group]));
    this.#targets = new Map(definitions.targets.map((target) => [target.name, target]));
    this.#overrides = overrides;
  }

  /** The targets and groups below a name, each once. Targets with the group that names them. */
  members(name: string): { targets: Map<string, string | undefined>; groups: Set<TargetGroup> } {
    const targets = new Map<string, string | undefined>();
    const groups = new Set<TargetGroup>();
    const visit = (member: string, parent?: string) => {
      const group = this.#groups.get(member);
      if (group === undefined) targets.set(member, targets.get(member) ?? parent);
      else if (!groups.has(group)) {
        groups.add(group);
        for (const one of group.targets) {
          // A group and one of its targets may have the same name.
          if (one === member) targets.set(one, member);
          else visit(one, member);
        }
      }
    };
    visit(name);
    return { targets, groups };
  }

  /** @param user names the group or target that names this target */
  target(name: string, user?: string): BakeTarget {
    const values = this.#values(name, new Map(), user);
    return {
      values: { ...values, context: values.context ?? ".", dockerfile: values.dockerfile ?? "Dockerfile" },
      isLinked: false,
    };
  }

  /** @param visited targets on the way, undefined while they are being resolved: a cycle ends there */
  #values(name: string, visited: Map<string, TargetValues | undefined>, user?: string): TargetValues {
    const target = this.#targets.get(name);
    if (target === undefined) {
      const names = user === undefined ? "" : `, which ${user} names`;
      throw new BakeError(`failed to find target ${name}${names}${this.#hint(name)}`);
    }
    visited.set(name, undefined);
    let values: TargetValues = {};
    for (const parent of target.inherits) {
      const known = visited.has(parent)
        ? visited.get(parent)
        : this.#values(parent, visited, `"inherits" of ${name}`);
      if (known === undefined) continue;
      this.#budget.spend(sizeOf(values) + sizeOf(known));
      values = mergeValues(values, known);
    }
    const own = applyOverrides(mergeValues(values, target.values), this.#overrides.get(name) ?? []);
    const normal = normalizeValues(own);
    visited.set(name, normal);
    return normal;
  }

  #hint(name: string): string {
    const { groups, targets } = this.#definitions;
    const near = suggest(
      name,
      [...groups, ...targets].map((one) => one.name),
    );
    return near === undefined ? "" : `; did you mean "${near}"?`;
  }

  /** Adds the targets that others have as contexts. */
  addLinks(name: string, targets: Map<string, BakeTarget>, path: readonly string[]): void {
    if (this.#linked.has(name)) return;
    const target = targets.get(name);
    for (const source of target?.values.contexts?.values() ?? []) {
      if (!source.startsWith(TARGET_PREFIX)) continue;
      const linked = source.slice(TARGET_PREFIX.length);
      if (linked === name) throw new BakeError(`target ${linked} cannot link to itself`);
      if (path.includes(linked)) throw new BakeError(`infinite loop from ${name} to ${linked}`);
      if (!targets.has(linked)) {
        const { values } = this.target(linked, `a context of ${name}`);
        const { output: _output, ...rest } = values;
        targets.set(linked, { values: rest, isLinked: true });
      }
      this.addLinks(linked, targets, [...path, name]);
      this.#comparePlatforms(linked, name, targets);
    }
    this.#linked.add(name);
  }

  #comparePlatforms(linked: string, name: string, targets: ReadonlyMap<string, BakeTarget>): void {
    const platforms = (one: string) => [...(targets.get(one)?.values.platforms ?? [])].sort();
    const [theirs, own] = [platforms(linked), platforms(name)];
    if (theirs.length > 1 && own.length > 1 && theirs.join() !== own.join()) {
      throw new BakeError(
        `target ${linked} can't be used by ${name} because it is defined for different platforms [${own.join(" ")}] and [${theirs.join(" ")}]`,
      );
    }
  }
}

/** Units of work for a merge. */
function sizeOf(values: TargetValues): number {
  return Object.values(values).reduce<number>((sum, value) => {
    if (value instanceof Map) return sum + 10 * value.size;
    return sum + (Array.isArray(value) ? 10 * value.length : 1);
  }, 500);
}
