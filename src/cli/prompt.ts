import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./command-error.ts";

/** Asks for a line on the terminal. */
export function askLine(question: string): Promise<string> {
  return ask(question, process.stderr);
}

/** Asks for a line that is not shown. */
export async function askHidden(question: string): Promise<string> {
  requireTerminal();
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await ask("", nowhere);
  process.stderr.write("\n");
  return answer;
}

async function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  requireTerminal();
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // Who interrupts a question wants to leave.
  terminal.once("SIGINT", () => process.exit(130));
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}

function requireTerminal(): void {
  if (!process.stdin.isTTY)
    throw new UsageError("cannot ask for it without a terminal", "Give --username and --password-stdin.");
}
