import { pathInRoot } from "../../tar/path.ts";
import type { BuildPlan } from "./build-plan.ts";
import type { FileState } from "./step.ts";

/**
 * The paths that a build reads, by context (undefined for the main one): relative to its root, with Go wildcards. The
 * value undefined means the whole context. A context that is missing in the map is not read.
 */
type RequiredPaths = ReadonlyMap<string | undefined, readonly string[] | undefined>;

/**
 * Computes the required paths for all platforms together, like BuildKit's `FollowPaths` (dockerfile2llb, `ctxPaths`).
 */
export function requiredPaths(plans: readonly BuildPlan[]): RequiredPaths {
  const required = new Map<string | undefined, Set<string>>();
  const add = (from: FileState, path: string) => {
    if (from.kind !== "context") return;
    let paths = required.get(from.name);
    if (paths === undefined) {
      paths = new Set();
      required.set(from.name, paths);
    }
    paths.add(pathInRoot(path));
  };
  for (const plan of plans) {
    add(plan.result.files, "");
    for (const { base } of plan.stages) add(base, "");
    for (const { definition } of plan.steps) {
      if (definition.kind === "run") {
        for (const mount of definition.mounts) if ("from" in mount) add(mount.from, mount.source);
      } else if (definition.kind !== "workdir") {
        for (const source of definition.sources) {
          if (source.kind === "files") add(source.from, `${source.path}/${source.parents ?? ""}`);
        }
      }
    }
  }
  return new Map([...required].map(([name, paths]) => [name, paths.has("") ? undefined : [...paths].sort()]));
}
