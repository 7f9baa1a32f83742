import { DockerfileError } from "./diagnostic.ts";
import type { Fault } from "./fault.ts";
import type { LineRange } from "./instruction.ts";

/** The error of a fault at a place; `message` when the text needs a frame around it. */
export function faultError(
  fault: Fault,
  lines: LineRange,
  details: { message?: string; column?: number } = {},
): DockerfileError {
  return new DockerfileError({
    code: fault.code,
    severity: "error",
    message: details.message ?? fault.message,
    lines,
    ...(details.column !== undefined && { column: details.column }),
    ...(fault.suggestion !== undefined && { help: `did you mean ${fault.suggestion}?` }),
  });
}
