/** A command that is invalid or failed. The message is docker's. */
export class ShellError extends Error {
  override name = "ShellError";
  /** The exit code. */
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Returns the text of an error or of a problem of the server. */
export function describeError(error: unknown): string {
  const { title, detail, message } = error as { title?: string; detail?: string; message?: string };
  return detail ?? message ?? title ?? String(error);
}
