import type { FilesSource, RunMount, StepDefinition, TransferSource } from "./plan/step.ts";

/**
 * What a step reads besides the tree it is laid on: the sources of COPY and ADD, the mounted files of RUN. The
 * contents of a cache mount are not among them, only what it begins with.
 */
export function sourcesOf(definition: StepDefinition): readonly TransferSource[] {
  if (definition.kind === "workdir") return [];
  return definition.kind === "run" ? definition.mounts.flatMap(mountedFiles) : definition.sources;
}

function mountedFiles(mount: RunMount): FilesSource[] {
  if (!("from" in mount) || (mount.type === "cache" && mount.from.kind === "scratch")) return [];
  // A mount's source is a name as it stands.
  const path = mount.source.replace(/[*?[\\]/g, "\\$&");
  return [{ kind: "files", from: mount.from, path, unpack: false }];
}
