import type { BuildEvent } from "../../../schemas/events.ts";
import type { ProgressKind } from "../../command/flags/build-flags.ts";
import type { Progress } from "../../command/progress.ts";
import { BuildProgress } from "../../progress/build-progress.ts";
import { failedOutput } from "../../progress/failed-output.ts";
import { PlainText, TICK } from "../../progress/plain-text.ts";

/** @param server URL whose host a terminal shows */
export async function openProgress(kind: ProgressKind, server: string): Promise<Progress> {
  if (kind === "tty" || (kind === "auto" && isTerminal())) {
    const { TerminalProgress } = await import("./terminal-progress.ts");
    return new TerminalProgress(process.stderr, process.env, new URL(server).host);
  }
  switch (kind) {
    case "rawjson": {
      const { RawJson } = await import("../../progress/raw-json.ts");
      const json = new RawJson(Date.now());
      return { show: (event) => write(json.add(event)), end: write };
    }
    case "quiet":
    case "none":
      return new QuietProgress();
    default:
      return new PlainProgress();
  }
}

function isTerminal(): boolean {
  return process.stderr.isTTY === true && process.env.TERM !== "dumb";
}

/** Number of output lines that are printed for a failed step. */
const FAILED_LINES = 10;

/** Prints only the output of a failed step. */
class QuietProgress implements Progress {
  #progress = new BuildProgress({ stepLines: FAILED_LINES });

  show(event: BuildEvent): void {
    this.#progress.add(event);
  }

  end(text = ""): void {
    write(
      failedOutput(this.#progress)
        .map((line) => `${line}\n`)
        .join("") + text,
    );
    this.#progress = new BuildProgress();
  }
}

/** Prints a build line by line. */
class PlainProgress implements Progress {
  readonly #text = new PlainText({ hasColors: isTerminal() && !process.env.NO_COLOR });
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  show(event: BuildEvent): void {
    this.#last = Date.now();
    write(this.#text.add(event));
    this.#timer ??= setInterval(() => write(this.#text.tick(Date.now() - this.#last)), TICK).unref();
  }

  end(text = ""): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    write(this.#text.flush() + text);
  }
}

function write(text = ""): void {
  if (text !== "") process.stderr.write(text);
}
