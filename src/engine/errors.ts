import type { Diagnostic } from "../dockerfile/diagnostic.ts";
import type { LineRange } from "../dockerfile/instruction.ts";

/** Stable codes of build errors other than those of the Dockerfile's text. */
type BuildErrorCode =
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

/** A step or an input of a build failed, with the lines of the Dockerfile that caused it, when known. */
export class BuildError extends Error {
  override name = "BuildError";
  readonly code: BuildErrorCode;
  lines: LineRange | undefined;
  /** Lint findings about the Dockerfile that may explain the error. */
  warnings: readonly Diagnostic[] = [];
  hint: string | undefined;
  /** The words of the Dockerfile at fault, in possible spellings, the likeliest first. */
  words: readonly string[] = [];
  /** Host of a registry that refused a request, to which other credentials may have access. */
  readonly registry: string | undefined;
  /** Id of the step that failed. */
  step: string | undefined;
  /** The last output lines of a RUN process. */
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

  /** Sets the lines of the Dockerfile, unless they are set. */
  at(lines: LineRange): this {
    this.lines = lines;
    return this;
  }

  /** Sets the words at fault, as written. */
  about(...words: readonly string[]): this {
    this.words = words;
    return this;
  }

  /** Sets the lint findings; an ignored file, for example, explains why it is missing. */
  withFindings(findings: readonly Diagnostic[]): this {
    this.warnings = findings;
    const ignored = findings.find(
      ({ code, lines }) => code === "CopyIgnoredFile" && lines.start === this.lines?.start,
    );
    this.hint = ignored?.message ?? this.hint;
    return this;
  }
}
