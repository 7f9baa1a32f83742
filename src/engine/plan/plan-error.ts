import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import { ExpandError } from "../../dockerfile/expand.ts";
import { Fault } from "../../dockerfile/fault.ts";
import { faultError } from "../../dockerfile/fault-error.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";

/** Errors in a Dockerfile whose syntax is valid. */
type PlanErrorCode =
  | "plan/lint-violation"
  | "plan/expansion"
  | "plan/blank-base"
  | "plan/invalid-reference"
  | "plan/invalid-platform"
  | "plan/invalid-epoch"
  | "plan/unknown-target"
  | "plan/unknown-stage"
  | "plan/circular-stages"
  | "plan/stage-not-yet-defined"
  | "plan/from-expansion"
  | "plan/named-context"
  | "plan/onbuild"
  | "plan/ignore-file"
  | "plan/invalid-source"
  | "plan/invalid-mount"
  | "plan/invalid-value"
  | "plan/not-allowed"
  | "plan/too-large";

/** Lines of an error that belongs to no line of the Dockerfile. */
export const nowhere: LineRange = { start: 0, end: 0 };

/** An error found while planning, before its lines are known; `at` converts it to a DockerfileError. */
export class PlanFault extends Error {
  override name = "PlanFault";
  readonly code: PlanErrorCode;
  /** The likely correction of a misspelt word; also part of the message. */
  readonly suggestion: string | undefined;
  #words: readonly string[] = [];
  constructor(code: PlanErrorCode, message: string, suggestion?: string) {
    super(suggestion === undefined ? message : `${message} (did you mean ${suggestion}?)`);
    this.code = code;
    this.suggestion = suggestion;
  }

  /** Sets the words at fault, as written. */
  about(...words: readonly string[]): this {
    this.#words = words;
    return this;
  }

  /** The error with these lines. */
  at(lines: LineRange): DockerfileError {
    const { code, message, suggestion } = this;
    return new DockerfileError({
      code,
      severity: "error",
      message,
      lines,
      ...(this.#words.length > 0 && { words: this.#words }),
      ...(suggestion !== undefined && { help: `did you mean ${suggestion}?` }),
    });
  }
}

/** Runs `work`, and converts a PlanFault or an expansion error to an error with these lines. */
export function attachLines<T>(lines: LineRange, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PlanFault) throw error.at(lines);
    if (error instanceof Fault) throw faultError(error, lines);
    if (error instanceof ExpandError) throw new PlanFault("plan/expansion", error.message).at(lines);
    throw error;
  }
}
