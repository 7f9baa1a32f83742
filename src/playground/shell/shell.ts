import { type Signal, signal } from "@preact/signals";
import type { PageContainer } from "../running/containers.ts";
import { executeDocker } from "./execute.ts";
import { showShell } from "./requests.ts";
import { describeError, ShellError } from "./shell-error.ts";

/** An entered line and its result. */
export interface ShellEntry {
  readonly number: number;
  readonly line: string;
  readonly output: Signal<string>;
  /** The exit code; undefined until the command has finished. */
  readonly code: Signal<number | undefined>;
  /** The container in the foreground. */
  readonly container: Signal<PageContainer | undefined>;
  /** Whether the user types into the container's terminal. */
  readonly isTerminal: Signal<boolean>;
}

/** Maximum number of characters of output that are kept for a command. */
const MAX_OUTPUT = 256 * 1024;
/** Maximum number of commands that are kept. */
const MAX_ENTRIES = 200;

export const entries: Signal<readonly ShellEntry[]> = signal([]);
/** Entered lines, for the arrow keys. */
export const history: Signal<readonly string[]> = signal([]);
let last = 0;
/** Resolves when all lines have been executed. */
let idle: Promise<void> = Promise.resolve();

/** Executes a line after all earlier lines have finished. */
export function enterLine(line: string): Promise<void> {
  const text = line.trim();
  if (text === "") return idle;
  history.value = [...history.peek().filter((known) => known !== text), text].slice(-MAX_ENTRIES);
  if (text === "clear") {
    entries.value = [];
    return idle;
  }
  const entry: ShellEntry = {
    number: ++last,
    line: text,
    output: signal(""),
    code: signal(undefined),
    container: signal(undefined),
    isTerminal: signal(false),
  };
  entries.value = [...entries.peek(), entry].slice(-MAX_ENTRIES);
  idle = idle.then(() => execute(entry));
  return idle;
}

/** Opens the shell and executes a line. */
export function runInShell(line: string): void {
  showShell();
  void enterLine(line);
}

async function execute(entry: ShellEntry): Promise<void> {
  const print = (text: string) => {
    entry.output.value = (entry.output.peek() + text).slice(-MAX_OUTPUT);
  };
  try {
    entry.code.value = await executeDocker(entry.line, {
      print,
      async follow(container, isTerminal) {
        entry.container.value = container;
        entry.isTerminal.value = isTerminal;
        const stopWatching = isTerminal
          ? () => {}
          : container.output.subscribe((text) => (entry.output.value = text));
        const end = await container.ended;
        stopWatching();
        if (!isTerminal) entry.container.value = undefined;
        return end;
      },
    });
  } catch (error) {
    print(`${error instanceof ShellError ? error.message : `Error: ${describeError(error)}`}\n`);
    entry.code.value = error instanceof ShellError ? error.code : 1;
  }
}
