/**
 * Reasons for executing a step other than a difference. Events and plans contain them; clients translate these exact
 * sentences.
 */
export const reasons = {
  firstBuild: "No earlier build of this image is known.",
  newStep: "The step is new.",
  forgotten: "The build cache no longer knows the result.",
  notStored: "The last build did not store the result, and no runner has kept it.",
  notUsed: "The build cache was not used, as requested.",
  unreadable: "The last build could not be read.",
} as const;

/** The reason for a step whose key depends on the result of another step. @param step name of the other step */
export function dependsOn(step: string): string {
  return `It depends on the result of ${step}: if that does not change, this step is cached.`;
}

/** The name of the step in a reason of `dependsOn`; undefined for any other reason. */
export function dependencyIn(reason: string): string | undefined {
  return /^It depends on the result of (.+): if that does not change, this step is cached\.$/s.exec(
    reason,
  )?.[1];
}
