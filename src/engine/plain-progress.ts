import type { BuildEvent, StepInfo } from "../../schemas/events.ts";
import { coloredLine, plainText } from "./terminal-text.ts";

/**
 * Renders a build's events as the lines of BuildKit's `--progress=plain`. A terminal may show them: of what was written
 * by others, colours are all that it is told.
 */
export class PlainProgress {
  #numbers = new Map<string, number>();
  #steps = new Map<string, StepInfo>();
  /** When steps were begun, in the time of events. */
  #started = new Map<string, number>();
  #next = 1;
  #warnings: string[] = [];
  /** When the export was begun, in the time of events. */
  #exporting: number | undefined;

  /** Text for one event; ends with a newline, or is empty. */
  render(event: BuildEvent): string {
    switch (event.type) {
      case "plan":
        for (const step of event.steps) this.#steps.set(step.id, step);
        return "";
      case "step.start":
        this.#started.set(event.step, event.time);
        return this.#open(event.step);
      case "step.progress":
        return this.#line(event.step, `${event.message} ${progress(event.current, event.total)}`);
      case "step.log":
        return this.#log(event.step, event.text, event.time);
      case "step.stored":
        return this.#line(event.step, `stored layer ${event.layer.digest}`);
      case "step.waiting":
        return this.#line(event.step, event.message);
      case "step.cached":
        return `${this.#open(event.step)}${this.#line(event.step, "CACHED")}\n`;
      case "step.done":
        return `${this.#line(event.step, `DONE ${seconds(event.milliseconds)}`)}\n`;
      case "warning":
        this.#warnings.push(` - ${event.rule}: ${coloredLine(event.message)} (line ${event.line})\n`);
        return "";
      case "export":
        this.#exporting = event.time;
        return this.#open("export", "exporting to image") + this.#line("export", event.message);
      case "error":
        return `${event.step === undefined ? "" : this.#line(event.step, `ERROR: ${event.problem.title}`)}ERROR: ${plainText(event.problem.detail ?? event.problem.title)}\n`;
      case "result":
        return this.#ended(event.time, event.tags);
    }
  }

  #ended(time: number, tags: readonly string[]): string {
    const count = this.#warnings.length;
    const found = count === 0 ? "" : `\n ${count} warning${count === 1 ? "" : "s"} found:\n`;
    return [
      this.#open("export", "exporting to image"),
      ...tags.map((tag) => this.#line("export", `naming to ${tag} done`)),
      this.#line("export", `DONE ${seconds(time - (this.#exporting ?? time))}`),
      found,
      ...this.#warnings,
    ].join("");
  }

  /** Each line with the seconds since its step was begun, in the five characters that BuildKit has for them. */
  #log(id: string, text: string, time: number): string {
    const since = ((time - (this.#started.get(id) ?? time)) / 1000).toFixed(3).slice(0, 5);
    const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
    return lines
      .split("\n")
      .map((line) => this.#line(id, line, `${since} `))
      .join("");
  }

  #open(id: string, title = this.#steps.get(id)?.name ?? id): string {
    if (this.#numbers.has(id)) return "";
    this.#numbers.set(id, this.#next++);
    return this.#line(id, title);
  }

  #line(id: string, text: string, before = ""): string {
    return `#${this.#numbers.get(id)} ${before}${coloredLine(text)}\n`;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}

function progress(current: number, total: number | undefined): string {
  return total === undefined ? bytes(current) : `${bytes(current)} / ${bytes(total)}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** In powers of a thousand, with the two decimals that BuildKit has. */
function bytes(count: number): string {
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(2)}${UNITS[unit]}`;
}
