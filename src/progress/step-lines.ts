import type { BuildEvent } from "../../schemas/events.ts";
import { exportId, hasStepEnded, type StepProgress, type Transfer } from "./step-progress.ts";
import { outputLine, outputLines } from "./terminal-text.ts";
import { formatByteCount, formatElapsed, formatSeconds, formatTransfer } from "./units.ts";

/** A transfer is reported again after this fraction of it, or after this many milliseconds. */
const MIN_SHARE = 0.05;
const MIN_MILLISECONDS = 5000;
/** The duration of a transfer is omitted up to this many milliseconds. */
const NO_TIME = 10;

interface Reported {
  current: number;
  time: number;
  isDone: boolean;
}

/** The lines of text for the events of steps, as in BuildKit's plain progress. */
export class StepLines {
  readonly #hasColors: boolean;
  /** Last reported state of transfers, by step and message. */
  readonly #reported = new Map<StepProgress, Map<string, Reported>>();
  /** Lines of the export, printed once it has started. */
  #exports: string[] = [];

  /** @param hasColors whether to keep colours in output */
  constructor(hasColors: boolean) {
    this.#hasColors = hasColors;
  }

  /** The lines for an event that changed a step. @param time of the event on the time line of the build */
  of(event: BuildEvent, step: StepProgress, time: number): string[] {
    if (step.info.id === exportId) return this.#exportLines(event).map((text) => this.#clean(text));
    if (event.type === "step.log") {
      const elapsed = formatElapsed(time - (step.started ?? time));
      return outputLines(event.text).map((line) => `${elapsed} ${this.#clean(line)}`);
    }
    return this.#otherLines(event, step, time).map((text) => this.#clean(text));
  }

  /** The final line of a step: why it ended, or how long it took; undefined before its end. */
  end(step: StepProgress): string | undefined {
    const text = endOf(step);
    return text && this.#clean(text);
  }

  #clean(line: string): string {
    return outputLine(line, this.#hasColors);
  }

  #otherLines(event: BuildEvent, step: StepProgress, time: number): string[] {
    switch (event.type) {
      case "step.progress":
        return this.#transfer(step, event.message, time);
      case "step.waiting":
        return [event.message];
      case "step.stored":
        this.#exports.push(`exporting layer ${event.layer.digest} ${formatByteCount(event.layer.size)} done`);
        return [];
      default:
        return hasStepEnded(step) ? this.#endTransfers(step, time) : [];
    }
  }

  #exportLines(event: BuildEvent): string[] {
    const layers = this.#exports;
    this.#exports = [];
    if (event.type === "export") return [...layers, event.message];
    return event.type === "result"
      ? [...layers, ...event.tags.map((tag) => `naming to ${tag} done`)]
      : layers;
  }

  #transfer(step: StepProgress, message: string, time: number): string[] {
    const transfer = step.transfers.get(message);
    const reported = this.#reported.get(step) ?? new Map<string, Reported>();
    const last = reported.get(message);
    if (transfer === undefined || last?.isDone) return [];
    const { current, total } = transfer;
    const isDone = current === total;
    // Without a known total, the first line would have no information.
    if (last === undefined && total === undefined && time - transfer.started < MIN_MILLISECONDS) return [];
    if (last !== undefined && !isDone) {
      const share = total === undefined || total === 0 ? 0 : (current - last.current) / total;
      if (share < MIN_SHARE && time - last.time < MIN_MILLISECONDS) return [];
    }
    this.#reported.set(step, reported.set(message, { current, time, isDone }));
    return [transferText(message, transfer, time, isDone)];
  }

  /** The last state of transfers whose end was not reported. */
  #endTransfers(step: StepProgress, time: number): string[] {
    const reported = this.#reported.get(step);
    this.#reported.delete(step);
    const open = [...step.transfers].filter(([message]) => !reported?.get(message)?.isDone);
    if (step.state !== "done") return [];
    return open.map(([message, transfer]) => transferText(message, transfer, time, true));
  }
}

function transferText(message: string, transfer: Transfer, time: number, isDone: boolean): string {
  const { current, total, started } = transfer;
  const milliseconds = time - started;
  const bytes = current === 0 && total === undefined ? "" : ` ${formatTransfer(current, total)}`;
  const duration = milliseconds > NO_TIME ? ` ${formatSeconds(milliseconds)}` : "";
  return `${message}${bytes}${duration}${isDone ? " done" : ""}`;
}

function endOf({ state, milliseconds = 0, problem }: StepProgress): string | undefined {
  switch (state) {
    case "cached":
      return "CACHED";
    case "done":
      return `DONE ${formatSeconds(milliseconds)}`;
    case "failed":
      return `ERROR: ${problem?.title ?? ""}`;
    case "cancelled":
      return "CANCELED";
    default:
      return undefined;
  }
}
