import { trim } from "../streams/white-space.ts";
import { decodeName } from "../tar/text.ts";
import { cleanPath } from "./clean-path.ts";
import { PatternError } from "./pattern-error.ts";

/** Maximum length of a line in bytes, the limit of BuildKit's reader, and maximum number of lines of a file. */
const MAX_LINE = 65_535;
const MAX_PATTERNS = 10_000;

/**
 * Reads an ignore file into patterns for `ignoreMatcher`: drops a byte order mark, comments (`#` in the first column)
 * and empty lines; cleans paths and removes one leading `/`; keeps a leading `!`.
 * @throws {PatternError} with code `IGNORE_FILE_TOO_LARGE`
 */
export function readIgnoreFile(file: string | Uint8Array): string[] {
  const text = (typeof file === "string" ? file : decodeName(file)).replace(/^\uFEFF/, "");
  const patterns: string[] = [];
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    if (line.length > MAX_LINE) throw tooLarge(`line ${number} has more than ${MAX_LINE} characters`);
    if (line.startsWith("#")) continue;
    const trimmed = trim(line);
    if (trimmed === "") continue;
    if (patterns.length === MAX_PATTERNS) throw tooLarge(`it has more than ${MAX_PATTERNS} patterns`);
    patterns.push(trimmed.startsWith("!") ? `!${relative(trim(trimmed.slice(1)))}` : relative(trimmed));
  }
  return patterns;
}

function relative(pattern: string): string {
  if (pattern === "") return "";
  const clean = cleanPath(pattern);
  return clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
}

function tooLarge(reason: string): PatternError {
  return new PatternError("IGNORE_FILE_TOO_LARGE", "the ignore file", reason);
}
