/** Something on this machine that a command needs is missing or cannot be used: a folder, a secret, git, or Linux. */
export class MachineError extends Error {
  override name = "MachineError";
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.hint = hint;
  }
}
