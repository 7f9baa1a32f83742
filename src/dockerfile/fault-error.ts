import { type Diagnostic, DockerfileError } from "./diagnostic.ts";
import type { Fault } from "./fault.ts";
import type { LineRange } from "./instruction.ts";
import { shortenMessage } from "./shorten.ts";

/** Additional information about a fault. */
interface FaultDetails {
  /** The message, when it extends the fault's own. */
  message?: string;
  column?: number;
  /** Lint findings about the lines before. */
  warnings?: readonly Diagnostic[];
}

/** Converts a fault to an error with its lines. */
export function faultError(fault: Fault, lines: LineRange, details: FaultDetails = {}): DockerfileError {
  const { message = fault.message, column, warnings } = details;
  const diagnostic: Diagnostic = {
    code: fault.code,
    severity: "error",
    message: shortenMessage(message),
    lines,
    ...(column !== undefined && { column }),
    ...(column === undefined && fault.word !== undefined && { words: [fault.word] }),
    ...(fault.suggestion !== undefined && { help: `did you mean ${fault.suggestion}?` }),
  };
  return new DockerfileError(diagnostic, warnings);
}
