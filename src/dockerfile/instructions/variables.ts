import { cut } from "../../streams/cut.ts";
import type { AstNode } from "../ast.ts";
import { readInstructionFlags } from "../flags.ts";
import type { KeyValue } from "../instruction.ts";
import { blankName, type InstructionReader, requireArguments } from "./fields.ts";

/** Like BuildKit, ignores flags of ARG. */
export const readArg: InstructionReader<"ARG"> = ({ args }) => {
  requireArguments("ARG", args);
  return {
    args: args.map((word) => {
      if (word.startsWith("=")) throw blankName("ARG");
      const [key, value] = cut(word, "=");
      return { key, value };
    }),
  };
};

export const readEnv: InstructionReader<"ENV"> = (node) => readPairs("ENV", node);

export const readLabel: InstructionReader<"LABEL"> = (node) => readPairs("LABEL", node);

function readPairs(keyword: "ENV" | "LABEL", { args, flags }: AstNode): { pairs: KeyValue[] } {
  readInstructionFlags(flags, {});
  requireArguments(keyword, args);
  const pairs: KeyValue[] = [];
  for (let at = 0; at + 2 < args.length; at += 3) {
    const [key, value, sign] = args.slice(at, at + 3) as [string, string, string];
    if (key === "") throw blankName(keyword);
    pairs.push({ key, value, ...(sign === "" && { legacy: true }) });
  }
  return { pairs };
}
