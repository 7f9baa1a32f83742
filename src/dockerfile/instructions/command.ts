import type { AstNode } from "../ast.ts";
import { readDevice } from "../device.ts";
import { Fault } from "../fault.ts";
import { readInstructionFlags } from "../flags.ts";
import type { CommandLine } from "../instruction.ts";
import { checkMount } from "../mount.ts";
import { quoteGo } from "../quote.ts";
import { chompedHeredoc } from "./chomped-heredoc.ts";
import { type InstructionReader, requireArguments } from "./fields.ts";

const networks = ["default", "none", "host"] as const;
const securities = ["sandbox", "insecure"] as const;

export const readRun: InstructionReader<"RUN"> = (node) => {
  const {
    mount = [],
    network,
    security,
    device = [],
  } = readInstructionFlags(node.flags, {
    device: "texts",
    mount: "texts",
    network: "text",
    security: "text",
  });
  device.forEach(readDevice);
  mount.forEach(checkMount);
  const mode = networks.find((known) => known === network);
  if (network !== undefined && mode === undefined) {
    throw new Fault("parse/flag-value", `invalid network mode ${quoteGo(network)}`, { word: "--network" });
  }
  const level = securities.find((known) => known === security);
  if (security !== undefined && level === undefined) {
    throw new Fault("parse/flag-value", `security ${quoteGo(security)} is not valid`, { word: "--security" });
  }
  return {
    command: commandLine(node),
    mounts: mount,
    ...(mode !== undefined && { network: mode }),
    ...(level !== undefined && { security: level }),
    devices: device,
  };
};

export const readCmd: InstructionReader<"CMD"> = readPlainCommand;

export const readEntrypoint: InstructionReader<"ENTRYPOINT"> = readPlainCommand;

export const readShell: InstructionReader<"SHELL"> = ({ args, flags, json }) => {
  readInstructionFlags(flags, {});
  requireArguments("SHELL", args);
  if (!json) throw new Fault("parse/arguments", "SHELL requires the arguments to be in JSON form");
  return { shell: args };
};

function readPlainCommand(node: AstNode): { command: CommandLine } {
  readInstructionFlags(node.flags, {});
  return { command: commandLine(node) };
}

function commandLine({ args, json, heredocs }: AstNode): CommandLine {
  return { shellForm: !json, args, heredocs: heredocs.map(chompedHeredoc) };
}
