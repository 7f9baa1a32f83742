import { cut } from "../../streams/cut.ts";
import { trim } from "../../streams/white-space.ts";
import { readBoolean } from "../boolean.ts";
import { readDirective } from "../directives.ts";
import { Fault } from "../fault.ts";
import { quoteGo } from "../quote.ts";

/** The selection of rules by the `check` directive or the build argument BUILDKIT_DOCKERFILE_CHECK. */
export interface CheckOptions {
  /** Rules that are not reported; `all` does not include experimental rules. */
  skip: "all" | ReadonlySet<string>;
  /** Experimental rules that are reported. */
  experimental: "all" | ReadonlySet<string>;
  /** Whether any finding fails the build. */
  error: boolean;
}

/** The default: all rules except experimental ones are reported, and findings do not fail the build. */
export const defaultChecks: CheckOptions = { skip: new Set(), experimental: new Set(), error: false };

/** Reads `skip=<rules>;experimental=<rules>;error=<bool>`. @throws {Fault} with code `lint/check-directive` */
export function readCheckOptions(text: string): CheckOptions {
  const options = { ...defaultChecks };
  const trimmed = trim(text);
  if (trimmed === "") return options;
  for (const part of split(trimmed, ";", 3)) {
    const [name, written] = cut(part, "=");
    if (written === undefined) throw invalid(`invalid check option ${quoteGo(part)}`);
    const [key, value] = [trim(name), trim(written)];
    if (key === "skip" || key === "experimental") {
      options[key] = value === "all" ? "all" : new Set(value.split(",").map(trim));
    } else if (key === "error") {
      const flag = readBoolean(value);
      if (flag === undefined) {
        throw invalid(
          `failed to parse check option ${quoteGo(part)}: strconv.ParseBool: parsing ${quoteGo(value)}: invalid syntax`,
        );
      }
      options.error = flag;
    } else {
      throw invalid(`invalid check option ${quoteGo(key)}`);
    }
  }
  return options;
}

/** The options that a `check=` comment above an instruction adds; undefined without one. */
export function checkOptionsOf(comments: readonly string[]): CheckOptions | undefined {
  for (const comment of comments) {
    const directive = readDirective(comment);
    if (directive?.name !== "check") continue;
    try {
      return readCheckOptions(directive.value.split(" ", 1)[0] ?? "");
    } catch (error) {
      // An invalid directive above an instruction is an ordinary comment.
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }
  return undefined;
}

function invalid(reason: string): Fault {
  return new Fault("lint/check-directive", `failed to parse check options: ${reason}`);
}

/** Splits into at most `limit` parts; the last one keeps the remaining separators. */
function split(text: string, separator: string, limit: number): string[] {
  const parts = text.split(separator);
  return parts.length <= limit
    ? parts
    : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}
