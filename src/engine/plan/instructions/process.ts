import type {
  CmdInstruction,
  CommandLine,
  EntrypointInstruction,
  HealthcheckInstruction,
} from "../../../dockerfile/instruction.ts";
import { duration, goList, quoteList } from "../go-format.ts";
import { shellOf } from "../shell.ts";
import type { Unique } from "../stage-state.ts";
import type { Evaluation } from "./evaluation.ts";

/** CMD. */
export function cmd(instruction: CmdInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  warnUnlessFirst("CMD", instruction.keyword, evaluation);
  const args = commandLine(instruction.command, instruction.keyword, evaluation);
  settings.cmd = args;
  settings.argsEscaped = true;
  history.addMetadata(`CMD ${quoteList(args)}`);
}

/** ENTRYPOINT: clears a CMD that was not set in this stage. */
export function entrypoint(instruction: EntrypointInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  warnUnlessFirst("ENTRYPOINT", instruction.keyword, evaluation);
  const args = commandLine(instruction.command, instruction.keyword, evaluation);
  settings.entrypoint = args;
  if (!evaluation.state.seen.has("CMD")) settings.cmd = [];
  history.addMetadata(`ENTRYPOINT ${quoteList(args)}`);
}

/** HEALTHCHECK: replaces the previous one completely. */
export function healthcheck(instruction: HealthcheckInstruction, evaluation: Evaluation): void {
  const { settings, history } = evaluation.state.image;
  warnUnlessFirst("HEALTHCHECK", instruction.keyword, evaluation);
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
    `Test:${goList(test)}`,
    `Interval:${duration(interval)}`,
    `Timeout:${duration(timeout)}`,
    `StartPeriod:${duration(startPeriod)}`,
    `StartInterval:${duration(startInterval)}`,
    `Retries:${retries}`,
  ];
  history.addMetadata(`HEALTHCHECK {${fields.join(" ")}}`);
}

/** Warns about the earlier instruction, which has no effect. */
function warnUnlessFirst(kind: Unique, keyword: string, evaluation: Evaluation): void {
  const earlier = evaluation.state.seen.get(kind);
  if (earlier !== undefined) evaluation.warnAt(earlier, "MultipleInstructionsDisallowed", keyword);
  evaluation.state.seen.set(kind, evaluation.lines);
}

function commandLine(command: CommandLine, keyword: string, evaluation: Evaluation): string[] {
  if (!command.shellForm) return [...command.args];
  const { image } = evaluation.state;
  if (image.settings.shell.length === 0) evaluation.warn("JSONArgsRecommended", keyword);
  return [...shellOf(image), command.args.join(" ")];
}
