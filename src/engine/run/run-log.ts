/** Maximum number of reported characters of a step's output, as in BuildKit. */
const MAX_LENGTH = 2 * 1024 * 1024;
const clipped = "[output clipped, log limit 2MiB reached]\n";
/** Longer lines are reported in pieces. */
const MAX_LINE = 16 * 1024;
/** Number of lines that an error quotes. */
const QUOTED_LINES = 10;

type Stream = "stdout" | "stderr";

/** Reports the output of a process in whole lines, up to the limit. */
export class RunLog {
  readonly #report: (stream: Stream, text: string) => void;
  readonly #incomplete: Record<Stream, string> = { stdout: "", stderr: "" };
  #length = 0;
  #last: string[] = [];

  constructor(report: (stream: Stream, text: string) => void) {
    this.#report = report;
  }

  add(stream: Stream, text: string): void {
    const all = this.#incomplete[stream] + text;
    const lines = all.lastIndexOf("\n") + 1;
    const ready = all.length - lines > MAX_LINE ? all.length : lines;
    this.#incomplete[stream] = all.slice(ready);
    this.#write(stream, all.slice(0, ready));
  }

  /** Reports incomplete lines once the process has ended. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#incomplete[stream];
      this.#incomplete[stream] = "";
      this.#write(stream, rest === "" ? "" : `${rest}\n`);
    }
  }

  /** The last lines of both streams. */
  get last(): readonly string[] {
    return this.#last;
  }

  #write(stream: Stream, text: string): void {
    if (text === "") return;
    this.#last = [...this.#last, ...text.trimEnd().split("\n").slice(-QUOTED_LINES)].slice(-QUOTED_LINES);
    if (this.#length >= MAX_LENGTH) return;
    const room = MAX_LENGTH - this.#length;
    this.#length += text.length;
    this.#report(stream, text.length <= room ? text : `${text.slice(0, room)}\n${clipped}`);
  }
}
