import { run } from "./programs.ts";

let sessions = 0;

/** A terminal with a shell, controlled through tmux. */
export class Tmux implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** @param command runs in place of a shell */
  static async open(
    columns: number,
    rows: number,
    command: string,
    env: Record<string, string>,
  ): Promise<Tmux> {
    const tmux = new Tmux(`varve-${process.pid}-${sessions++}`);
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    await tmux.#tmux("new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, ...variables, command);
    return tmux;
  }

  /** The lines that are shown. @param colors with the sequences that colour them */
  async lines({ colors = false } = {}): Promise<string[]> {
    const text = await this.#tmux("capture-pane", "-p", ...(colors ? ["-e"] : []));
    return text.split("\n");
  }

  /** Waits until the screen meets a condition, and returns the screen. */
  async until(isSo: (lines: string[]) => boolean): Promise<string[]> {
    for (let tries = 0; ; tries++) {
      const lines = await this.lines();
      if (isSo(lines)) return lines;
      if (tries === 300) throw new Error(`The terminal never showed it:\n${lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** @param key as tmux calls it: `C-c` */
  press(key: string): Promise<string> {
    return this.#tmux("send-keys", key);
  }

  /** Types a text as it is. */
  type(text: string): Promise<string> {
    return this.#tmux("send-keys", "-l", text);
  }

  resize(columns: number, rows: number): Promise<string> {
    return this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** Whether the cursor is shown. */
  async hasCursor(): Promise<boolean> {
    return (await this.#tmux("display-message", "-p", "#{cursor_flag}")) === "1";
  }

  /** Terminal modes that programs have set. */
  title(): Promise<string> {
    return this.#tmux("display-message", "-p", "#{pane_title}");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }

  #tmux(...args: string[]): Promise<string> {
    return run("tmux", ["-L", this.#socket, "-f", "/dev/null", ...args]);
  }
}
