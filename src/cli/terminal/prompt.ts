import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "../../command/command-error.ts";

/** Reads a line from the terminal. @param hint what to do without a terminal */
export function askLine(question: string, hint: string): Promise<string> {
  requireTerminal(hint);
  return ask(question, process.stderr);
}

/** Reads a line without echo. */
export async function askHidden(question: string, hint: string): Promise<string> {
  requireTerminal(hint);
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await ask("", nowhere);
  process.stderr.write("\n");
  return answer;
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // Ctrl-C at a prompt ends the command.
  terminal.once("SIGINT", () => process.exit(130));
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

function requireTerminal(hint: string): void {
  if (!process.stdin.isTTY) throw new UsageError("cannot prompt without a terminal", hint);
}
