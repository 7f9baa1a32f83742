import type {
  ExposeInstruction,
  LabelInstruction,
  MaintainerInstruction,
  OnbuildInstruction,
  ShellInstruction,
  StopSignalInstruction,
  UserInstruction,
  VolumeInstruction,
} from "../../../dockerfile/instruction.ts";
import { goList } from "../go-format.ts";
import { PlanFault } from "../plan-error.ts";
import { readPorts } from "../ports.ts";
import { isSignal } from "../signal.ts";
import type { Evaluation } from "./evaluation.ts";

/** LABEL: the last value of a key wins. */
export function label(instruction: LabelInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  const written: string[] = [];
  for (const pair of instruction.pairs) {
    const key = evaluation.expand(pair.key);
    const value = evaluation.expand(pair.value);
    if (pair.legacy) evaluation.warn("LegacyKeyValueFormat", instruction.keyword);
    settings.labels.set(key, value);
    written.push(`${key}=${value}`);
  }
  history.addMetadata(["LABEL", ...written].join(" "));
}

/** MAINTAINER: the image's author. */
export function maintainer(instruction: MaintainerInstruction, evaluation: Evaluation): void {
  evaluation.state.image.author = instruction.name;
  evaluation.state.image.history.addMetadata(`MAINTAINER ${instruction.name}`);
}

/** ONBUILD: stored as text for images built on this one; adds no history. */
export function onbuild(instruction: OnbuildInstruction, evaluation: Evaluation): void {
  evaluation.state.image.settings.onBuild.push(instruction.expression);
}

/** USER: stored as written; resolved when a process starts. */
export function user(instruction: UserInstruction, evaluation: Evaluation): void {
  const name = evaluation.expand(instruction.user);
  evaluation.state.image.settings.user = name;
  evaluation.state.image.history.addMetadata(`USER ${name}`);
}

/** VOLUME: stored as written, including relative paths. */
export function volume(instruction: VolumeInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  const paths = instruction.paths.map((path) => evaluation.expand(path));
  if (paths.includes(""))
    throw new PlanFault("plan/invalid-value", "VOLUME specified can not be an empty string");
  for (const path of paths) settings.volumes.add(path);
  history.addMetadata(`VOLUME ${goList(paths)}`);
}

/** STOPSIGNAL: validated, stored as written. */
export function stopSignal(instruction: StopSignalInstruction, evaluation: Evaluation): void {
  const signal = evaluation.expand(instruction.signal);
  if (!isSignal(signal)) throw new PlanFault("plan/invalid-value", `invalid signal: ${signal}`).about(signal);
  evaluation.state.image.settings.stopSignal = signal;
  evaluation.state.image.history.addMetadata(`STOPSIGNAL ${signal}`);
}

/** SHELL: applies to the shell forms that follow, also in stages and images built on this one. */
export function shell(instruction: ShellInstruction, evaluation: Evaluation): void {
  evaluation.state.image.settings.shell = instruction.shell;
  evaluation.state.image.history.addMetadata(`SHELL ${goList(instruction.shell)}`);
}

/** EXPOSE: expands ranges to single ports. A value with spaces is split. */
export function expose(instruction: ExposeInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  const ports: string[] = [];
  for (const text of instruction.ports.flatMap((port) => evaluation.expandWords(port))) {
    const exposed = readPorts(text, (rule) => evaluation.warn(rule, text));
    evaluation.planContext.budget.entries(exposed.length);
    for (const port of exposed) ports.push(port);
  }
  for (const port of ports) settings.exposedPorts.add(port);
  history.addMetadata(`EXPOSE ${goList(ports)}`);
}
