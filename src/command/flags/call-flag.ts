import { UsageError } from "../command-error.ts";

type CallMethod = "build" | "check" | "outline" | "targets";

/** The value of `--call`. */
export interface BuildCall {
  method: CallMethod;
  format: "text" | "json";
  ignoresStatus: boolean;
}

const CALLS: readonly string[] = ["build", "check", "outline", "targets"] satisfies CallMethod[];

/** Reads `check,format=json,ignorestatus=true`, and buildx's synonyms. @throws {UsageError} */
export function readCall(text: string): BuildCall {
  const [name = "", ...fields] = text.split(",");
  const method = name === "" ? "build" : name === "lint" ? "check" : name.replace(/^subrequests\./, "");
  if (!CALLS.includes(method))
    throw new UsageError(`--call must be one of ${CALLS.join(", ")}, not "${name}"`);
  let format: "text" | "json" = "text";
  let ignoresStatus = false;
  for (const field of fields) {
    if (field === "format=json") format = "json";
    else if (field === "ignorestatus" || field === "ignorestatus=true") ignoresStatus = true;
    else if (field !== "format=text" && field !== "ignorestatus=false")
      throw new UsageError(
        `--call has no option "${field}"`,
        "Example: --call=check,format=json,ignorestatus=true",
      );
  }
  return { method: method as CallMethod, format, ignoresStatus };
}
