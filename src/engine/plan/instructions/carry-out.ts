import type { StageInstruction } from "../../../dockerfile/instruction.ts";
import { located } from "../plan-error.ts";
import { expose, label, maintainer, onbuild, shell, stopSignal, user, volume } from "./metadata.ts";
import type { Place } from "./place.ts";
import { cmd, entrypoint, healthcheck } from "./process.ts";
import { run } from "./run.ts";
import { add, copy } from "./transfer.ts";
import { arg, env } from "./variables.ts";
import { workdir } from "./workdir.ts";

type Meaning<K> = (instruction: Extract<StageInstruction, { kind: K }>, place: Place) => void;

/** What each instruction does to its stage. */
const meanings: { [K in StageInstruction["kind"]]: Meaning<K> } = {
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
 * Carries out the instruction at a place.
 *
 * @throws {DockerfileError} with its lines.
 */
export function carryOut(place: Place): void {
  const { instruction } = place.command;
  const meaning = meanings[instruction.kind] as Meaning<StageInstruction["kind"]>;
  located(place.lines, () => meaning(instruction as never, place));
}
