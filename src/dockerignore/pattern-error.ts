type PatternErrorCode =
  /** The pattern does not follow the grammar. */
  | "BAD_PATTERN"
  /** A line with `!` and nothing after it. */
  | "EMPTY_EXCEPTION"
  /** An ignore file has too many or too long lines. */
  | "IGNORE_FILE_TOO_LARGE"
  /** A pattern has so many wildcards that comparing it with a path would take long. */
  | "TOO_MANY_WILDCARDS"
  /** Comparing all patterns with all paths takes too long. */
  | "TOO_MUCH_WORK";

/** An invalid pattern. `reason` is moby's message; `message` includes the pattern. */
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

/** The error for a syntax error, with the message of Go's `path/filepath`. */
export function badPattern(pattern: string): PatternError {
  return new PatternError("BAD_PATTERN", `pattern ${JSON.stringify(pattern)}`, "syntax error in pattern");
}
