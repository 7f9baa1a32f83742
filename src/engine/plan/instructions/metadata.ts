import type {
  Expose,
  Label,
  Maintainer,
  Onbuild,
  Shell,
  StopSignal,
  User,
  Volume,
} from "../../../dockerfile/instruction.ts";
import { list } from "../go-format.ts";
import { PlanFault } from "../plan-error.ts";
import { readPorts } from "../ports.ts";
import { isSignal } from "../signal.ts";
import type { Place } from "./place.ts";

/** LABEL: the last value of a key wins. */
export function label(instruction: Label, place: Place): void {
  const { settings, history } = place.state.image;
  const written: string[] = [];
  for (const pair of instruction.pairs) {
    const key = place.expand(pair.key);
    const value = place.expand(pair.value);
    if (pair.legacy) place.warn("LegacyKeyValueFormat", instruction.keyword);
    settings.labels.set(key, value);
    written.push(`${key}=${value}`);
  }
  history.addMetadata(["LABEL", ...written].join(" "));
}

/** MAINTAINER: the image's author. */
export function maintainer(instruction: Maintainer, place: Place): void {
  place.state.image.author = instruction.name;
  place.state.image.history.addMetadata(`MAINTAINER ${instruction.name}`);
}

/** ONBUILD: kept as text for the images built on this one; leaves no history. */
export function onbuild(instruction: Onbuild, place: Place): void {
  place.state.image.settings.onBuild.push(instruction.expression);
}

/** USER: kept as written, looked up when a process starts. */
export function user(instruction: User, place: Place): void {
  const name = place.expand(instruction.user);
  place.state.image.settings.user = name;
  place.state.image.history.addMetadata(`USER ${name}`);
}

/** VOLUME: paths as written, relative ones too. */
export function volume(instruction: Volume, place: Place): void {
  const { settings, history } = place.state.image;
  const paths = instruction.paths.map((path) => place.expand(path));
  if (paths.includes(""))
    throw new PlanFault("plan/invalid-value", "VOLUME specified can not be an empty string");
  for (const path of paths) settings.volumes.add(path);
  history.addMetadata(`VOLUME ${list(paths)}`);
}

/** STOPSIGNAL: validated, kept as written. */
export function stopSignal(instruction: StopSignal, place: Place): void {
  const signal = place.expand(instruction.signal);
  if (!isSignal(signal)) throw new PlanFault("plan/invalid-value", `invalid signal: ${signal}`).about(signal);
  place.state.image.settings.stopSignal = signal;
  place.state.image.history.addMetadata(`STOPSIGNAL ${signal}`);
}

/** SHELL: for the shell forms that follow, in the stages and images built on this one too. */
export function shell(instruction: Shell, place: Place): void {
  place.state.image.settings.shell = instruction.shell;
  place.state.image.history.addMetadata(`SHELL ${list(instruction.shell)}`);
}

/** EXPOSE: every port of a range by itself. A value with spaces is several. */
export function expose(instruction: Expose, place: Place): void {
  const { settings, history } = place.state.image;
  const ports: string[] = [];
  for (const text of instruction.ports.flatMap((port) => place.expandWords(port))) {
    const exposed = readPorts(text, (rule) => place.warn(rule, text));
    place.surroundings.budget.entries(exposed.length);
    for (const port of exposed) ports.push(port);
  }
  for (const port of ports) settings.exposedPorts.add(port);
  history.addMetadata(`EXPOSE ${list(ports)}`);
}
