import { relative, resolve } from "node:path";
import type { Service } from "../client/service.ts";
import { requestLint } from "../command/build/build-call.ts";
import { isFolder, readLocalDockerfile } from "../command/contexts/folder-build.ts";
import type { BuildFlags } from "../command/flags/build-flags.ts";
import type { LintFinding } from "./annotations.ts";
import type { Environment } from "./workflow.ts";

/** The severity of findings that fail the step before it builds. */
export const failureLevels = ["error", "warning", "never"] as const;
export type FailureLevel = (typeof failureLevels)[number];

/**
 * Lints the Dockerfile of a folder with the build's arguments. Returns nothing for other contexts, whose Dockerfiles are not
 * on this machine.
 */
export async function lintFindings(service: Service, flags: BuildFlags): Promise<LintFinding[]> {
  if (!isFolder(flags.context)) return [];
  const { findings } = await requestLint(
    service,
    flags,
    await readLocalDockerfile(flags.context, flags.file),
  );
  return findings;
}

export function fails(findings: readonly LintFinding[], level: FailureLevel): boolean {
  if (level === "never") return false;
  return findings.some(({ severity }) => severity === "error" || level === "warning");
}

/** Path of the Dockerfile in the workspace, for annotations; undefined when it is elsewhere. */
export function dockerfileIn(
  { GITHUB_WORKSPACE: workspace }: Environment,
  flags: BuildFlags,
): string | undefined {
  if (!isFolder(flags.context)) return undefined;
  const path = relative(workspace || ".", resolve(flags.file ?? `${flags.context}/Dockerfile`));
  return path.startsWith("..") ? undefined : path.split("\\").join("/");
}
