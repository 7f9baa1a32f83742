import type { AstNode } from "../ast.ts";
import type { Instruction, LineRange, Stage } from "../instruction.ts";
import type { Linter } from "./linter.ts";

/** Stage names with another meaning in FROM and COPY --from. */
const reservedNames: ReadonlySet<string> = new Set(["context", "scratch"]);

/**
 * Applies the rules about the text of one instruction while it is read, because some findings come before its faults.
 */
export function lintNode(node: AstNode, read: () => Instruction, linter: Linter): Instruction {
  if (node.kind === "MAINTAINER") linter.warn("MaintainerDeprecated", node.lines);
  if (node.kind === "FROM") lintFrom(node, linter);
  const instruction = read();
  if (instruction.kind === "FROM" && instruction.name !== undefined) {
    lintDescription("FROM", [instruction.name], node, linter);
  } else if (instruction.kind === "ARG") {
    const names = instruction.args.map(({ key }) => key);
    lintDescription("ARG", names, node, linter);
  }
  return instruction;
}

function lintFrom({ keyword, args, lines }: AstNode, linter: Linter): void {
  const [, as, name] = args;
  if (args.length === 3 && name !== name?.toLowerCase())
    linter.warn("StageNameCasing", lines, name as string);
  // A keyword of mixed case already breaks another rule.
  const casing = casingOf(keyword);
  if (args.length >= 3 && as !== undefined && casing !== "mixed" && as !== inCase(as, casing)) {
    linter.warn("FromAsCasing", lines, keyword, as);
  }
}

/** The comment directly above a stage or an argument should begin with its name. */
function lintDescription(
  kind: "FROM" | "ARG",
  names: string[],
  { comments, lines }: AstNode,
  linter: Linter,
): void {
  const first = comments.at(-1)?.split(" ", 1)[0];
  const [name] = names;
  if (first === undefined || name === undefined || names.includes(first)) return;
  linter.warn("InvalidDefinitionDescription", lines, kind, names.length > 1 ? "<arg_key>" : name);
}

/** Applies the rules about the whole file: stage names, and the case of keywords. */
export function lintStages(stages: readonly Stage[], linter: Linter): void {
  const seen = new Set<string>();
  for (const { from } of stages) {
    if (from.name === undefined) continue;
    if (reservedNames.has(from.name)) linter.warn("ReservedStageName", from.lines, from.name);
    if (seen.has(from.name)) linter.warn("DuplicateStageName", from.lines, from.name);
    seen.add(from.name);
  }
  lintCasing(
    stages.flatMap(({ from, instructions }) => [from, ...instructions]),
    linter,
  );
}

function lintCasing(instructions: readonly { keyword: string; lines: LineRange }[], linter: Linter): void {
  const casings = instructions.map(({ keyword }) => casingOf(keyword));
  const lower = casings.filter((casing) => casing === "lowercase").length;
  const upper = casings.filter((casing) => casing === "uppercase").length;
  const majority = lower > upper ? "lowercase" : "uppercase";
  for (const { keyword, lines } of instructions) {
    if (keyword !== inCase(keyword, majority))
      linter.warn("ConsistentInstructionCasing", lines, keyword, majority);
  }
}

type Casing = "lowercase" | "uppercase";

function casingOf(word: string): Casing | "mixed" {
  if (word === word.toLowerCase()) return "lowercase";
  return word === word.toUpperCase() ? "uppercase" : "mixed";
}

function inCase(word: string, casing: Casing): string {
  return casing === "lowercase" ? word.toLowerCase() : word.toUpperCase();
}
