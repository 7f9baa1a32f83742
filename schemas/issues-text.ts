import { z } from "zod";

/** Why a value does not match its schema, in one line: `scopes[0]: "x" is not a scope`. */
export function issuesText({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`))
    .join("; ");
}
