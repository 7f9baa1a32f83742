import { keepInTab, keptInTab } from "../browser/tab-storage.ts";
import type { ProjectInputs } from "../project/project.ts";
import { encodeProject, ShareError } from "../project/share.ts";
import { digestOf } from "../project/text-digest.ts";

/** The last build of a tab, which a reload finds again. */
export interface KeptBuild {
  /** Name of the project that was built. */
  readonly project: string;
  readonly id: string;
  /** Digest of all that was built; absent for a project that is too large to be kept. */
  readonly fingerprint?: string | undefined;
  readonly dockerfile: string;
  readonly tag: string;
}

const NAME = "build";

export function keepBuild(kept: KeptBuild | undefined): void {
  keepInTab(NAME, kept && JSON.stringify(kept));
}

/** The last build of a project in this tab. */
export function keptBuildOf(project: string): KeptBuild | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(keptInTab(NAME) ?? "null");
  } catch {
    return undefined;
  }
  return isKept(kept) && kept.project === project ? kept : undefined;
}

/** Has the last build of a project be that of another one. */
export function moveKeptBuild(from: string, to: string): void {
  const kept = keptBuildOf(from);
  if (kept !== undefined) keepBuild({ ...kept, project: to });
}

function isKept(value: unknown): value is KeptBuild {
  if (typeof value !== "object" || value === null) return false;
  const { project, id, dockerfile, tag } = value as Record<string, unknown>;
  return [project, id, dockerfile, tag].every((text) => typeof text === "string");
}

/** A digest of a project, equal for equal projects; undefined for one that is too large to be kept. */
export async function fingerprintOf({
  files,
  dockerfilePath,
  options,
}: ProjectInputs): Promise<string | undefined> {
  try {
    return digestOf(await encodeProject(files, dockerfilePath, options));
  } catch (error) {
    if (error instanceof ShareError) return undefined;
    throw error;
  }
}
