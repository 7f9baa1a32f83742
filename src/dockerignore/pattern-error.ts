export type PatternErrorCode =
  /** The pattern does not follow the grammar. */
  | "BAD_PATTERN"
  /** A line that holds `!` and nothing after it. */
  | "EMPTY_EXCEPTION"
  /** An ignore file with too many or too long lines. */
  | "IGNORE_FILE_TOO_LARGE"
  /** A pattern with so many wildcards that comparing it with a path would take long. */
  | "TOO_MANY_WILDCARDS"
  /** Comparing all patterns with all paths takes too long. */
  | "TOO_MUCH_WORK";

/** A pattern that cannot be used. `reason` is what moby says of it; `message` names the pattern as well. */
export class PatternError extends Error {
  override name = "PatternError";
  readonly code: PatternErrorCode;
  readonly reason: string;

  constructor(code: PatternErrorCode, subject: string, reason: string) {
    super(`Cannot use ${subject}: ${reason}`);
    this.code = code;
    this.reason = reason;
  }
}

/** The error of a pattern that breaks the grammar, in the words of Go's `path/filepath`. */
export function badPattern(pattern: string): PatternError {
  return new PatternError("BAD_PATTERN", `pattern ${JSON.stringify(pattern)}`, "syntax error in pattern");
}
