import type { LineRange } from "./instruction.ts";

/** A finding about a Dockerfile, as data; formatted elsewhere. */
export interface Diagnostic {
  /** A lint rule by BuildKit's name (`StageNameCasing`), or an error code of this project (`parse/unknown-flag`). */
  code: string;
  severity: "error" | "warning";
  message: string;
  lines: LineRange;
  /** 1-based column in the first line, if known. */
  column?: number;
  /** Possible spellings of the word at fault, for callers that have the text: see `locate`. */
  words?: readonly string[];
  /** A suggestion, such as "did you mean …?". */
  help?: string;
  /** Page that explains the rule. */
  url?: string;
}

/** The Dockerfile is invalid; contains the reason and the lines. */
export class DockerfileError extends Error {
  override name = "DockerfileError";
  readonly diagnostic: Diagnostic;
  /** Lint findings about the lines before the error. */
  readonly warnings: readonly Diagnostic[];
  constructor(diagnostic: Diagnostic, warnings: readonly Diagnostic[] = []) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
    this.warnings = warnings;
  }
}
