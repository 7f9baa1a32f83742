import { type Diagnostic, DockerfileError } from "./diagnostic.ts";
import type { Fault } from "./fault.ts";
import type { LineRange } from "./instruction.ts";
import { shorten } from "./shorten.ts";

/** What else is known about a fault at a place. */
export interface FaultDetails {
  /** The text, when it needs a frame around the fault's own. */
  message?: string;
  column?: number;
  /** Lint findings about the lines before. */
  warnings?: readonly Diagnostic[];
}

/** The error of a fault at a place. */
export function faultError(fault: Fault, lines: LineRange, details: FaultDetails = {}): DockerfileError {
  const { message = fault.message, column, warnings } = details;
  const diagnostic: Diagnostic = {
    code: fault.code,
    severity: "error",
    message: shorten(message),
    lines,
    ...(column !== undefined && { column }),
    ...(column === undefined && fault.word !== undefined && { words: [fault.word] }),
    ...(fault.suggestion !== undefined && { help: `did you mean ${fault.suggestion}?` }),
  };
  return new DockerfileError(diagnostic, warnings);
}
