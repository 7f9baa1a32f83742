/**
 * Reasons for executing a step that name no difference. They are part of events and plans; clients use these sentences
 * as keys for translation.
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
  return `It depends on the result of ${step}: if that is as before, so is this step.`;
}

/** The step that a reason of `dependsOn` names; undefined for any other reason. */
export function dependencyIn(reason: string): string | undefined {
  return /^It depends on the result of (.+): if that is as before, so is this step\.$/s.exec(reason)?.[1];
}
