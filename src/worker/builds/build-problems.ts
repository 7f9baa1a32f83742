import type { BuildInputs } from "../../../schemas/build.ts";
import type { EventBody } from "../../../schemas/events.ts";
import type { Problem, ProblemWarning } from "../../../schemas/problem.ts";
import { ContextScope } from "../../context/scope.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { contextDigests } from "../../engine/inputs.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { eventProblemOf, newProblem, ProblemError, type Source } from "../http/problem.ts";
import { MAX_ATTEMPTS } from "./attempts.ts";

/** The error for a build whose instance was lost too often. */
export function tooManyAttemptsError(): ProblemError {
  return new ProblemError("build-ends-server", {
    detail: `Cannot execute the build: it was started ${MAX_ATTEMPTS} times and did not finish`,
  });
}

/** The error for a restarted build with credentials in URLs, which are in memory only. */
export function urlCredentialsLostError(): ProblemError {
  return credentialsLostError("URLs of its Dockerfile have users or passwords");
}

/** The error for a restarted build that reads private images. */
export function loginsLostError(registries: readonly string[]): ProblemError {
  return credentialsLostError(
    `it reads private images of ${registries.join(", ")} with the credentials of its client`,
  );
}

/** @param why the build needs credentials */
function credentialsLostError(why: string): ProblemError {
  return new ProblemError("credentials-lost", {
    detail: `Cannot continue the build: ${why}, which the server does not store`,
    hint: "Send the build again: finished steps are not executed again.",
  });
}

/**
 * The problem of a build whose contexts lost files during the build, for example because a prune deleted all files;
 * undefined for other builds. Deletes these contexts, because later builds would reuse them and fail.
 */
export async function contextProblem(
  store: ObjectStore,
  { code }: Problem,
  inputs: BuildInputs,
): Promise<Problem | undefined> {
  if (code !== "internal" && code !== "runner-failed") return undefined;
  const scope = new ContextScope(store, scopeOf(readImageNames(inputs.options.tags)));
  const lost: string[] = [];
  for (const digest of contextDigests(inputs)) {
    if (await scope.forgetIncomplete(digest).catch(() => false)) lost.push(digest);
  }
  if (lost.length === 0) return undefined;
  return newProblem("context-unknown", {
    detail: `Cannot read the context ${lost.join(", ")}: some of its files were deleted during the build`,
    hint: "Build again: this sends the files again.",
  });
}

/** Equal for equal warnings. */
export function warningKey({ rule, message, file, line }: ProblemWarning): string {
  return JSON.stringify([rule, message, file, line]);
}

/** Emits the events of a failed build: the warnings and the error. */
export function emitFailure(
  problem: Problem,
  error: unknown,
  source: Source,
  emit: (body: EventBody) => void,
): void {
  const step = error instanceof BuildError ? error.step : undefined;
  const { warnings = [], ...reported } = eventProblemOf(problem, error, source);
  for (const warning of warnings) emit({ type: "warning", ...warning });
  emit({ type: "error", ...(step !== undefined && { step }), problem: reported });
}
