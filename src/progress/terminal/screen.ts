import { widthOf } from "./width.ts";

/** The required functions of a terminal. */
export interface Terminal {
  columns?: number | undefined;
  rows?: number | undefined;
  write(text: string): unknown;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const COLORS = /\x1b\[[0-9;]*m/g;

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** Between these, a terminal that supports synchronised output shows nothing, so that no partial frame is visible. */
const BEGIN_FRAME = "\x1b[?2026h";
const END_FRAME = "\x1b[?2026l";
const ERASE_LINE = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/** Draws frames over each other, below the earlier contents of the terminal. */
export class Screen {
  readonly #terminal: Terminal;
  #drawn: readonly string[] = [];
  #isHidden = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  /** Replaces the previously drawn lines. */
  draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, i) => line === this.#drawn[i])) return;
    const hide = this.#isHidden ? "" : HIDE_CURSOR;
    this.#isHidden = true;
    const text = lines.map((line) => `${line}${ERASE_LINE}\n`).join("");
    this.#terminal.write(`${BEGIN_FRAME}${hide}${this.#home()}${text}${ERASE_BELOW}${END_FRAME}`);
    this.#drawn = lines;
  }

  /** Keeps the drawn lines and moves the cursor below them. */
  end(): void {
    if (this.#isHidden) this.#terminal.write(SHOW_CURSOR);
    this.#isHidden = false;
    this.#drawn = [];
  }

  /** Moves to the beginning of the drawn lines. A terminal that became narrower has wrapped them. */
  #home(): string {
    const { columns } = this.size;
    const rows = this.#drawn
      .map((line) => Math.max(1, Math.ceil(widthOf(line.replace(COLORS, "")) / columns)))
      .reduce((sum, count) => sum + count, 0);
    return rows === 0 ? "" : `\x1b[${rows}A\r`;
  }
}
