import type { Cmd, CommandLine, Entrypoint, Healthcheck } from "../../../dockerfile/instruction.ts";
import { duration, list, quoteList } from "../go-format.ts";
import { shellOf } from "../shell.ts";
import type { Unique } from "../stage-state.ts";
import type { Place } from "./place.ts";

/** CMD. */
export function cmd(instruction: Cmd, place: Place): void {
  const { settings, history } = place.state.image;
  warnUnlessFirst("CMD", instruction.keyword, place);
  const args = commandLine(instruction.command, instruction.keyword, place);
  settings.cmd = args;
  settings.argsEscaped = true;
  history.addMetadata(`CMD ${quoteList(args)}`);
}

/** ENTRYPOINT: clears a CMD that was not set in this very stage. */
export function entrypoint(instruction: Entrypoint, place: Place): void {
  const { settings, history } = place.state.image;
  warnUnlessFirst("ENTRYPOINT", instruction.keyword, place);
  const args = commandLine(instruction.command, instruction.keyword, place);
  settings.entrypoint = args;
  if (!place.state.seen.has("CMD")) settings.cmd = [];
  history.addMetadata(`ENTRYPOINT ${quoteList(args)}`);
}

/** HEALTHCHECK: replaces all of the one before. */
export function healthcheck(instruction: Healthcheck, place: Place): void {
  const { settings, history } = place.state.image;
  warnUnlessFirst("HEALTHCHECK", instruction.keyword, place);
  const { test, interval, timeout, startPeriod, startInterval, retries } = instruction.health;
  settings.healthcheck = {
    Test: [...test],
    ...(interval !== 0 && { Interval: interval }),
    ...(timeout !== 0 && { Timeout: timeout }),
    ...(startPeriod !== 0 && { StartPeriod: startPeriod }),
    ...(startInterval !== 0 && { StartInterval: startInterval }),
    ...(retries !== 0 && { Retries: retries }),
  };
  const fields = [
    `Test:${list(test)}`,
    `Interval:${duration(interval)}`,
    `Timeout:${duration(timeout)}`,
    `StartPeriod:${duration(startPeriod)}`,
    `StartInterval:${duration(startInterval)}`,
    `Retries:${retries}`,
  ];
  history.addMetadata(`HEALTHCHECK {${fields.join(" ")}}`);
}

/** The warning is about the earlier instruction: it is the one without effect. */
function warnUnlessFirst(kind: Unique, keyword: string, place: Place): void {
  const earlier = place.state.seen.get(kind);
  if (earlier !== undefined) place.warnAt(earlier, "MultipleInstructionsDisallowed", keyword);
  place.state.seen.set(kind, place.lines);
}

function commandLine(command: CommandLine, keyword: string, place: Place): string[] {
  if (!command.shellForm) return [...command.args];
  const { image } = place.state;
  if (image.settings.shell.length === 0) place.warn("JSONArgsRecommended", keyword);
  return [...shellOf(image), command.args.join(" ")];
}
