import type { StageInstruction } from "../../../dockerfile/instruction.ts";
import { attachLines } from "../plan-error.ts";
import type { Evaluation } from "./evaluation.ts";
import { expose, label, maintainer, onbuild, shell, stopSignal, user, volume } from "./metadata.ts";
import { cmd, entrypoint, healthcheck } from "./process.ts";
import { run } from "./run.ts";
import { add, copy } from "./transfer.ts";
import { arg, env } from "./variables.ts";
import { workdir } from "./workdir.ts";

type Evaluator<K> = (instruction: Extract<StageInstruction, { kind: K }>, evaluation: Evaluation) => void;

/** The implementation of each instruction. */
const evaluators: { [K in StageInstruction["kind"]]: Evaluator<K> } = {
  ADD: add,
  ARG: arg,
  CMD: cmd,
  COPY: copy,
  ENTRYPOINT: entrypoint,
  ENV: env,
  EXPOSE: expose,
  HEALTHCHECK: healthcheck,
  LABEL: label,
  MAINTAINER: maintainer,
  ONBUILD: onbuild,
  RUN: run,
  SHELL: shell,
  STOPSIGNAL: stopSignal,
  USER: user,
  VOLUME: volume,
  WORKDIR: workdir,
};

/**
 * Evaluates one instruction.
 * @throws {DockerfileError} with its lines.
 */
export function evaluateInstruction(evaluation: Evaluation): void {
  const { instruction } = evaluation.command;
  const evaluate = evaluators[instruction.kind] as Evaluator<StageInstruction["kind"]>;
  attachLines(evaluation.lines, () => evaluate(instruction as never, evaluation));
}
