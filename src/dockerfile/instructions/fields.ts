import type { AstNode } from "../ast.ts";
import { Fault } from "../fault.ts";
import type { Instruction } from "../instruction.ts";
import type { Keyword } from "../keyword.ts";

/** The specific fields of an instruction, without the common ones. */
type FieldsOf<K extends Keyword> = Omit<
  Extract<Instruction, { kind: K }>,
  "kind" | "source" | "lines" | "keyword" | "comments"
>;

/** Reads the fields of one kind of instruction. @throws {Fault} for an invalid one */
export type InstructionReader<K extends Keyword> = (node: AstNode) => FieldsOf<K>;

/** The argument of an instruction that requires exactly one. */
export function onlyArgument(keyword: Keyword, { args }: AstNode): string {
  const [argument] = args;
  if (argument === undefined || args.length > 1) {
    throw new Fault("parse/arguments", `${keyword} requires exactly one argument`);
  }
  return argument;
}

/** Rejects an instruction without arguments. */
export function requireArguments(keyword: Keyword, args: readonly string[]): void {
  if (args.length === 0) throw new Fault("parse/arguments", `${keyword} requires at least one argument`);
}

export function blankName(keyword: Keyword): Fault {
  return new Fault("parse/key-value", `${keyword} names can not be blank`);
}
