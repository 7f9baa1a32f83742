import type { LineRange } from "./instruction.ts";

/** A finding about a Dockerfile: a value, made pretty elsewhere. */
export interface Diagnostic {
  /** A lint rule by BuildKit's name (`StageNameCasing`), or an error code of this project (`parse/unknown-flag`). */
  code: string;
  severity: "error" | "warning";
  message: string;
  lines: LineRange;
  /** 1-based column of the first line, where it is known. */
  column?: number;
  /** Spellings of the word at fault, for those who have the text: see `locate`. */
  words?: readonly string[];
  /** What to do, as "did you mean …?". */
  help?: string;
  /** Page that explains the rule. */
  url?: string;
}

/** The Dockerfile cannot be used: carries what is wrong and where. */
export class DockerfileError extends Error {
  override name = "DockerfileError";
  readonly diagnostic: Diagnostic;
  /** Findings of lint rules about the lines before the error. */
  readonly warnings: readonly Diagnostic[];
  constructor(diagnostic: Diagnostic, warnings: readonly Diagnostic[] = []) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
    this.warnings = warnings;
  }
}
