import { csvFields } from "../../dockerfile/csv.ts";
import { UsageError } from "../command-error.ts";

/**
 * Splits the comma-separated value of a flag.
 * @param invalid makes the error for a value that is not CSV
 * @throws {UsageError}
 */
export function readCsvFields(
  text: string,
  invalid = (reason: string) => new UsageError(`invalid value ${text}: ${reason}`),
): string[] {
  try {
    return csvFields(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(error.message);
    throw error;
  }
}
