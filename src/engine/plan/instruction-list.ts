import type { Dockerfile } from "../../dockerfile/instruction.ts";
import { maskCredentials } from "../url-credentials.ts";
import type { PlannedInstruction } from "./build-plan.ts";

/** Maximum number of characters of all texts. The events of the build omit a longer list. */
const MAX_TEXT = 256 * 1024;

/**
 * The instructions of a Dockerfile up to the end of a stage, as docker's classic builder counts them.
 * @param target position of the stage
 * @returns nothing when the texts are too long
 */
export function listInstructions({ globalArgs, stages }: Dockerfile, target: number): PlannedInstruction[] {
  const all = [
    ...globalArgs,
    ...stages.slice(0, target + 1).flatMap(({ from, instructions }) => [from, ...instructions]),
  ];
  if (all.reduce((sum, { source }) => sum + source.length, 0) > MAX_TEXT) return [];
  return all.map(({ source, lines }) => ({ text: maskCredentials(source), line: lines.start }));
}
