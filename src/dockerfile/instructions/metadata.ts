import { trim } from "../../streams/white-space.ts";
import { Fault } from "../fault.ts";
import { readInstructionFlags } from "../flags.ts";
import { type InstructionReader, onlyArgument, requireArguments } from "./fields.ts";

export const readMaintainer: InstructionReader<"MAINTAINER"> = (node) => {
  const name = onlyArgument("MAINTAINER", node);
  readInstructionFlags(node.flags, {});
  return { name };
};

export const readUser: InstructionReader<"USER"> = (node) => {
  const user = onlyArgument("USER", node);
  readInstructionFlags(node.flags, {});
  return { user };
};

export const readWorkdir: InstructionReader<"WORKDIR"> = (node) => {
  const path = onlyArgument("WORKDIR", node);
  readInstructionFlags(node.flags, {});
  return { path };
};

/** Like BuildKit, ignores flags of STOPSIGNAL. */
export const readStopSignal: InstructionReader<"STOPSIGNAL"> = (node) => ({
  signal: onlyArgument("STOPSIGNAL", node),
});

export const readExpose: InstructionReader<"EXPOSE"> = ({ args, flags }) => {
  requireArguments("EXPOSE", args);
  readInstructionFlags(flags, {});
  return { ports: [...args].sort() };
};

export const readVolume: InstructionReader<"VOLUME"> = ({ args, flags }) => {
  requireArguments("VOLUME", args);
  readInstructionFlags(flags, {});
  return {
    paths: args.map((argument) => {
      const path = trim(argument);
      if (path === "") throw new Fault("parse/arguments", "VOLUME specified can not be an empty string");
      return path;
    }),
  };
};
