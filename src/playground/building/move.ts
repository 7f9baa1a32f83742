import type { WrittenInstruction } from "../editor/tokens.ts";

/** Moves the lines of an instruction below another instruction. */
export function move(text: string, moved: WrittenInstruction, other: WrittenInstruction): string {
  const lines = text.split("\n");
  const taken = lines.slice(moved.start - 1, moved.end);
  const result: string[] = [];
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (number < moved.start || number > moved.end) result.push(line);
    if (number === other.end) result.push(...taken);
  }
  return result.join("\n");
}
