import { trim } from "../../streams/white-space.ts";
import type { AstNode } from "../ast.ts";
import { Fault } from "../fault.ts";
import type { Instruction } from "../instruction.ts";
import { type Keyword, keywords } from "../keyword.ts";
import { suggest } from "../suggest.ts";
import { readCmd, readEntrypoint, readRun, readShell } from "./command.ts";
import type { InstructionReader } from "./fields.ts";
import { readFrom } from "./from.ts";
import { readHealthcheck } from "./healthcheck.ts";
import { readExpose, readMaintainer, readStopSignal, readUser, readVolume, readWorkdir } from "./metadata.ts";
import { readOnbuild } from "./onbuild.ts";
import { readAdd, readCopy } from "./transfer.ts";
import { readArg, readEnv, readLabel } from "./variables.ts";

const readers: { [K in Keyword]: InstructionReader<K> } = {
  ADD: readAdd,
  ARG: readArg,
  CMD: readCmd,
  COPY: readCopy,
  ENTRYPOINT: readEntrypoint,
  ENV: readEnv,
  EXPOSE: readExpose,
  FROM: readFrom,
  HEALTHCHECK: readHealthcheck,
  LABEL: readLabel,
  MAINTAINER: readMaintainer,
  ONBUILD: readOnbuild,
  RUN: readRun,
  SHELL: readShell,
  STOPSIGNAL: readStopSignal,
  USER: readUser,
  VOLUME: readVolume,
  WORKDIR: readWorkdir,
};

/** Interprets a split line. @throws {Fault} */
export function readNode(node: AstNode): Instruction {
  const { kind, keyword, original, lines, comments } = node;
  if (kind === undefined) {
    const suggestion = suggest(keyword, keywords, true);
    throw new Fault("parse/unknown-instruction", `unknown instruction: ${keyword}`, {
      word: keyword,
      suggestion,
    });
  }
  const common = { kind, keyword, source: trim(original), lines, comments };
  return { ...common, ...readers[kind](node) } as Instruction;
}
