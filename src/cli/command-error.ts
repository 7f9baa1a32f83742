import type { Problem } from "../../schemas/problem.ts";
import { ServiceError } from "../client/service.ts";

/** A command cannot do what it was asked for. */
export class CommandError extends Error {
  override name = "CommandError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** What is printed of an error, with a hint on a line of its own. */
export function errorText(error: unknown): string {
  if (error instanceof ServiceError) return problemText(error.problem);
  if (error instanceof CommandError) return withHint(error.message, error.hint);
  return `ERROR: ${error instanceof Error ? error.message : String(error)}\n`;
}

export function problemText({ detail, title, hint }: Problem): string {
  return withHint(detail ?? title, hint);
}

function withHint(message: string, hint: string | undefined): string {
  return `ERROR: ${message}\n${hint === undefined ? "" : `HINT: ${hint}\n`}`;
}
