import type { BuildEvent } from "../../../schemas/events.ts";
import type { Progress } from "../progress.ts";
import { paintOf } from "./colors.ts";
import { type FrameOptions, frame } from "./frame.ts";
import { Screen, type Terminal } from "./screen.ts";
import { BuildSteps, type ShownStep } from "./steps.ts";

/** Milliseconds between two frames: running times change so often. */
const TICK = 100;
/** Lines of output that BuildKit shows of a step that runs. */
const LOG_LINES = 6;

/** Shows a build on a terminal, as BuildKit does. */
export class TerminalProgress implements Progress {
  readonly showsProblems = false;
  readonly pause = TICK;
  readonly #terminal: Terminal & Partial<NodeJS.EventEmitter>;
  readonly #screen: Screen;
  readonly #steps = new BuildSteps();
  readonly #options: FrameOptions;
  readonly #redraw = () => this.#draw();
  readonly #restore = () => this.#screen.end();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(
    terminal: Terminal & Partial<NodeJS.EventEmitter>,
    environment: Readonly<Record<string, string | undefined>>,
    server: string,
  ) {
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    const logLines = Number.parseInt(environment.BUILDKIT_TTY_LOG_LINES ?? "", 10);
    this.#options = {
      paint: paintOf(environment),
      logLines: logLines >= 0 ? logLines : LOG_LINES,
      began: Date.now(),
      server,
    };
  }

  show(event: BuildEvent): void {
    this.#steps.take(event, Date.now());
    if (this.#timer !== undefined || this.#isEnded) return;
    this.#timer = setInterval(this.#redraw, TICK);
    this.#terminal.on?.("resize", this.#redraw);
    // Whatever ends the program, the terminal gets its cursor back.
    process.once("exit", this.#restore);
    this.#draw();
  }

  end(): void {
    if (this.#isEnded || this.#timer === undefined) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#terminal.off?.("resize", this.#redraw);
    process.off("exit", this.#restore);
    const { columns } = this.#screen.size;
    // Nothing is drawn over this frame, so it may be as long as it is.
    this.#screen.draw(frame(this.#steps, { columns, rows: undefined }, this.#options, Date.now()));
    this.#screen.end();
    this.#terminal.write(this.#closing());
  }

  #draw(): void {
    this.#screen.draw(frame(this.#steps, this.#screen.size, this.#options, Date.now()));
  }

  /** All that is left to say: the output of what failed, and what was found about the Dockerfile. */
  #closing(): string {
    const { paint } = this.#options;
    const { shown, warnings } = this.#steps;
    const failed = shown.filter(({ state, log }) => state === "failed" && log.length > 0).map(outputOf);
    const found = warnings.length === 1 ? "1 warning found:" : `${warnings.length} warnings found:`;
    const texts = [
      found,
      ...warnings.map(({ rule, message, line }) => ` - ${rule}: ${message} (line ${line})`),
    ];
    const warned =
      warnings.length === 0 ? "" : `\n${texts.map((text) => ` ${paint("warning", text)}\n`).join("")}`;
    return failed.join("") + warned;
  }
}

function outputOf({ name, log }: ShownStep): string {
  return `------\n > ${name}:\n${log.map((line) => `${line}\n`).join("")}------\n`;
}
