import type { WrittenInstruction } from "../editor/tokens.ts";

/** Moves an instruction below another one. @returns the changed Dockerfile */
export function moveInstruction(text: string, moved: WrittenInstruction, other: WrittenInstruction): string {
  const lines = text.split("\n");
  const movedLines = lines.slice(moved.start - 1, moved.end);
  const result: string[] = [];
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (number < moved.start || number > moved.end) result.push(line);
    if (number === other.end) result.push(...movedLines);
  }
  return result.join("\n");
}
