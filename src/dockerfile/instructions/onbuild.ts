import { Fault } from "../fault.ts";
import { readInstructionFlags } from "../flags.ts";
import { type InstructionReader, requireArguments } from "./fields.ts";

export const readOnbuild: InstructionReader<"ONBUILD"> = ({ trigger, flags, original, heredocs }) => {
  requireArguments("ONBUILD", trigger ? [trigger.keyword] : []);
  readInstructionFlags(flags, {});
  switch (trigger?.kind) {
    case "ONBUILD":
      throw new Fault("parse/onbuild", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    case "FROM":
    case "MAINTAINER":
      throw new Fault("parse/onbuild", `${trigger.kind} isn't allowed as an ONBUILD trigger`, {
        word: trigger.keyword,
      });
  }
  const instruction = original.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, "");
  const bodies = heredocs.map(({ name, content }) => `\n${content}${name}`);
  return { expression: [instruction, ...bodies].join("") };
};
