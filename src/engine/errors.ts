import type { Diagnostic } from "../dockerfile/diagnostic.ts";
import type { LineRange } from "../dockerfile/instruction.ts";

/** Stable codes of what can go wrong in a build beyond the Dockerfile's own text. */
export type BuildErrorCode =
  | "source-not-found"
  | "copy-failed"
  | "base-unavailable"
  | "download-failed"
  | "archive-unreadable"
  | "run-unsupported"
  | "run-failed"
  | "runner-missing"
  | "runner-failed"
  | "secret-missing"
  | "ssh-missing"
  | "cancelled"
  | "context-unknown"
  | "context-invalid"
  | "name-invalid"
  | "annotation-invalid"
  | "output-invalid"
  | "platform-invalid"
  | "dockerfile-missing";

/** A step or an input of a build cannot be had; says where in the Dockerfile when a line asked for it. */
export class BuildError extends Error {
  override name = "BuildError";
  readonly code: BuildErrorCode;
  lines: LineRange | undefined;
  /** Findings of lint rules about the Dockerfile, which may tell why. */
  warnings: readonly Diagnostic[] = [];
  hint: string | undefined;
  /** Spellings of the word of the Dockerfile that is at fault, the likeliest first. */
  words: readonly string[] = [];
  /** Host of a registry to which credentials, or other ones, may open what it refused. */
  readonly registry: string | undefined;
  /** Id of the step that was being carried out. */
  step: string | undefined;
  /** The last lines that the process of a RUN wrote. */
  readonly log: readonly string[];
  constructor(
    code: BuildErrorCode,
    message: string,
    options: {
      lines?: LineRange;
      hint?: string | undefined;
      log?: readonly string[];
      registry?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.lines = options.lines;
    this.hint = options.hint;
    this.log = options.log ?? [];
    this.registry = options.registry;
  }

  /** Says where in the Dockerfile it was asked for. */
  at(lines: LineRange): this {
    this.lines = lines;
    return this;
  }

  /** Says which word is at fault, as it is written. */
  about(...words: readonly string[]): this {
    this.words = words;
    return this;
  }

  /** Says what was found about the Dockerfile; that a file is ignored tells why it is not there. */
  withFindings(findings: readonly Diagnostic[]): this {
    this.warnings = findings;
    const ignored = findings.find(
      ({ code, lines }) => code === "CopyIgnoredFile" && lines.start === this.lines?.start,
    );
    this.hint = ignored?.message ?? this.hint;
    return this;
  }
}
