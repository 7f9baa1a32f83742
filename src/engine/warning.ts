import type { ProblemWarning } from "../../schemas/problem.ts";
import type { Diagnostic } from "../dockerfile/diagnostic.ts";

/** A lint finding in the format of the API. @param file name of the Dockerfile */
export function warningOf({ code, message, lines, url }: Diagnostic, file: string): ProblemWarning {
  return {
    rule: code,
    message,
    file,
    line: lines.start,
    ...(lines.end === lines.start ? {} : { endLine: lines.end }),
    ...(url === undefined ? {} : { url }),
  };
}
