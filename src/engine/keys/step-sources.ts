import type { FilesSource, RunMount, StepDefinition, TransferSource } from "../plan/step.ts";

/**
 * The sources that a step reads besides its parent: those of COPY and ADD, and the mounted files of RUN. For a cache mount,
 * these are its initial contents.
 */
export function sourcesOf(definition: StepDefinition): readonly TransferSource[] {
  if (definition.kind === "workdir") return [];
  return definition.kind === "run" ? definition.mounts.flatMap(mountedFiles) : definition.sources;
}

function mountedFiles(mount: RunMount): FilesSource[] {
  if (!("from" in mount) || (mount.type === "cache" && mount.from.kind === "scratch")) return [];
  // The source of a mount has no wildcards, so they are escaped.
  const path = mount.source.replace(/[*?[\\]/g, "\\$&");
  return [{ kind: "files", from: mount.from, path, unpack: false }];
}
