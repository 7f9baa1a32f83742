import { sha256 } from "../../streams/sha256.ts";
import { tabValues } from "../browser/storage.ts";
import type { ProjectInputs } from "../project/project.ts";
import { encodeProject, ShareError } from "../project/share.ts";

/** The last build of a tab, which a reload restores. */
interface StoredBuild {
  /** Id of the project that was built. */
  readonly project: string;
  readonly id: string;
  /** Digest of all inputs of the build; missing when the project is too large to store. */
  readonly fingerprint?: string | undefined;
  readonly dockerfile: string;
  readonly tag: string;
}

const NAME = "build";

export function storeBuild(build: StoredBuild | undefined): void {
  tabValues.store(NAME, build && JSON.stringify(build));
}

/** Reads the last build of a project in this tab. */
export function readStoredBuild(project: string): StoredBuild | undefined {
  const stored = tabValues.readJson(NAME);
  return isStoredBuild(stored) && stored.project === project ? stored : undefined;
}

/** Moves the last build of a project to another project id. */
export function moveStoredBuild(from: string, to: string): void {
  const build = readStoredBuild(from);
  if (build !== undefined) storeBuild({ ...build, project: to });
}

function isStoredBuild(value: unknown): value is StoredBuild {
  if (typeof value !== "object" || value === null) return false;
  const { project, id, dockerfile, tag } = value as Record<string, unknown>;
  return [project, id, dockerfile, tag].every((text) => typeof text === "string");
}

/**
 * Computes a digest that is equal for equal projects; undefined when the project is too large to store.
 */
export async function fingerprintOf({
  files,
  dockerfilePath,
  options,
}: ProjectInputs): Promise<string | undefined> {
  try {
    const text = await encodeProject(files, dockerfilePath, options);
    return sha256(new TextEncoder().encode(text));
  } catch (error) {
    if (error instanceof ShareError) return undefined;
    throw error;
  }
}
