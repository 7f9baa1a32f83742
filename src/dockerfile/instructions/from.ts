import { Fault } from "../fault.ts";
import { readInstructionFlags } from "../flags.ts";
import { quoteGo } from "../quote.ts";
import type { InstructionReader } from "./fields.ts";

export const readFrom: InstructionReader<"FROM"> = ({ args, flags }) => {
  const [base, as, writtenName] = args;
  const isNamed = args.length === 3 && as?.toLowerCase() === "as";
  if (base === undefined || (args.length !== 1 && !isNamed)) {
    throw new Fault("parse/arguments", "FROM requires either one or three arguments");
  }
  const name = writtenName?.toLowerCase();
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw new Fault(
      "parse/stage-name",
      `invalid name for build stage: ${quoteGo(writtenName as string)}, name can't start with a number or contain symbols`,
      { word: writtenName as string },
    );
  }
  const { platform } = readInstructionFlags(flags, { platform: "text" });
  return {
    base,
    ...(platform && { platform }),
    ...(name !== undefined && { name }),
  };
};
