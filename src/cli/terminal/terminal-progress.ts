import type { BuildEvent } from "../../../schemas/events.ts";
import type { Progress } from "../../command/progress.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import { failedOutput } from "../../progress/failed-output.ts";
import { paintOf } from "../../progress/terminal/colors.ts";
import { drawFrame, type FrameOptions, type FrameSize } from "../../progress/terminal/frame.ts";
import { Screen, type Terminal } from "../../progress/terminal/screen.ts";
import { warningLines } from "../../progress/warning-text.ts";

/** Milliseconds between two frames. */
const TICK = 100;
/** Number of output lines that are shown for each running step, as in BuildKit. */
const LOG_LINES = 6;
/** Number of output lines that are printed for a failed step. */
const FAILED_LINES = 1000;

/** Shows a build on a terminal, as BuildKit does. */
export class TerminalProgress implements Progress {
  readonly #terminal: Terminal & Partial<NodeJS.EventEmitter>;
  readonly #screen: Screen;
  readonly #progress = new BuildProgress({ stepLines: FAILED_LINES });
  readonly #options: FrameOptions;
  readonly #began = Date.now();
  /** Time of the last event, in milliseconds since 1970. */
  #last = this.#began;
  readonly #redraw = () => this.#draw();
  readonly #restore = () => this.#screen.end();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** @param server host that is shown */
  constructor(
    terminal: Terminal & Partial<NodeJS.EventEmitter>,
    environment: Readonly<Record<string, string | undefined>>,
    server: string,
  ) {
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    const logLines = Number.parseInt(environment.BUILDKIT_TTY_LOG_LINES ?? "", 10);
    this.#options = { paint: paintOf(environment), logLines: logLines >= 0 ? logLines : LOG_LINES, server };
  }

  show(event: BuildEvent): void {
    this.#progress.add(event);
    this.#last = Date.now();
    if (this.#timer !== undefined || this.#isEnded) return;
    this.#timer = setInterval(this.#redraw, TICK);
    this.#terminal.on?.("resize", this.#redraw);
    // Restore the cursor however the program ends.
    process.once("exit", this.#restore);
    this.#draw();
  }

  end(text = ""): void {
    this.#stop();
    this.#terminal.write(text);
  }

  #stop(): void {
    if (this.#isEnded || this.#timer === undefined) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#terminal.off?.("resize", this.#redraw);
    process.off("exit", this.#restore);
    // Nothing overwrites the last frame, so it may be longer than the terminal.
    this.#draw({ columns: this.#screen.size.columns, rows: undefined });
    this.#screen.end();
    this.#terminal.write(this.#closing());
  }

  #draw(size: FrameSize = this.#screen.size): void {
    const now = Date.now();
    const time = { elapsed: now - this.#began, now: this.#progress.time + now - this.#last };
    this.#screen.draw(drawFrame(this.#progress, size, this.#options, time));
  }

  /** The output of the step that failed, and the warnings about the Dockerfile. */
  #closing(): string {
    const failed = failedOutput(this.#progress).map((line) => `${line}\n`);
    const { paint } = this.#options;
    const lines = warningLines(this.#progress.warnings).map((line) => ` ${paint("warning", line)}\n`);
    return failed.join("") + (lines.length === 0 ? "" : `\n${lines.join("")}`);
  }
}
