import { type Signal, signal } from "@preact/signals";
import type { PageContainer } from "../running/containers.ts";
import { executeDocker } from "./execute.ts";
import { ShellError } from "./flags.ts";
import { shellRequests } from "./requests.ts";

/** An entered line and its result. */
export interface ShellEntry {
  readonly number: number;
  readonly line: string;
  readonly output: Signal<string>;
  /** The exit code; undefined while it runs. */
  readonly code: Signal<number | undefined>;
  /** The container in the foreground. */
  readonly container: Signal<PageContainer | undefined>;
  /** Whether the user types into the container's terminal. */
  readonly isTerminal: Signal<boolean>;
}

/** Maximum number of characters of output kept for a command, and of entries kept. */
const MAX_OUTPUT = 256 * 1024;
const MAX_ENTRIES = 200;

export const entries: Signal<readonly ShellEntry[]> = signal([]);
/** Entered lines, for the arrow keys. */
export const history: Signal<readonly string[]> = signal([]);
let last = 0;
let isBusy: Promise<void> = Promise.resolve();

/** Executes a line after all earlier lines have finished. */
export function enterLine(line: string): Promise<void> {
  const text = line.trim();
  if (text === "") return isBusy;
  history.value = [...history.peek().filter((known) => known !== text), text].slice(-MAX_ENTRIES);
  if (text === "clear") {
    entries.value = [];
    return isBusy;
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
  isBusy = isBusy.then(() => execute(entry));
  return isBusy;
}

/** Opens the shell and executes a line. */
export function runInShell(line: string): void {
  shellRequests.value++;
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
    print(`${error instanceof ShellError ? error.message : reasonOf(error)}\n`);
    entry.code.value = error instanceof ShellError ? error.code : 1;
  }
}

function reasonOf(error: unknown): string {
  const { title, detail, message } = error as { title?: string; detail?: string; message?: string };
  return `Error: ${detail ?? title ?? message ?? String(error)}`;
}
