import { Fault, type FaultCode } from "./fault.ts";

/**
 * Splits one line of comma-separated values like Go's `encoding/csv`. A field in double quotes may contain commas, and `""`
 * for a quote.
 * @param openQuoteAt the position in the error for an open quote: Go reports the end of the line, BuildKit the open part
 * @throws {SyntaxError} with the message of Go's `encoding/csv`
 */
export function csvFields(line: string, openQuoteAt: "end" | "start" = "end"): string[] {
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const { field, end } = line[at] === '"' ? quotedField(line, at, openQuoteAt) : bareField(line, at);
    fields.push(field);
    if (end >= line.length) return fields;
    at = end;
  }
}

/**
 * Splits the value of a flag: see `csvFields`.
 * @param what names the value in the message
 * @throws {Fault} also for an empty text
 */
export function readFields(text: string, code: FaultCode, what: string): string[] {
  const line = text.replace(/\r?\n$/, "");
  try {
    if (line === "") throw new SyntaxError("EOF");
    return csvFields(line, "start");
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault(code, `failed to parse csv ${what}: ${error.message}`);
    throw error;
  }
}

function bareField(line: string, at: number): { field: string; end: number } {
  const comma = line.indexOf(",", at);
  const end = comma < 0 ? line.length : comma;
  const field = line.slice(at, end);
  const quote = field.indexOf('"');
  if (quote >= 0) throw csvError(line, at + quote, 'bare " in non-quoted-field');
  return { field, end };
}

function quotedField(
  line: string,
  start: number,
  openQuoteAt: "end" | "start",
): { field: string; end: number } {
  let field = "";
  for (let at = start + 1; ; ) {
    const quote = line.indexOf('"', at);
    if (quote < 0)
      throw csvError(
        line,
        openQuoteAt === "end" ? line.length : at,
        'extraneous or missing " in quoted-field',
      );
    field += line.slice(at, quote);
    const next = line[quote + 1];
    if (next === undefined || next === ",") return { field, end: quote + 1 };
    if (next !== '"') throw csvError(line, quote, 'extraneous or missing " in quoted-field');
    field += '"';
    at = quote + 2;
  }
}

/** Columns count bytes, as in Go. */
function csvError(line: string, index: number, reason: string): SyntaxError {
  const column = new TextEncoder().encode(line.slice(0, index)).length + 1;
  return new SyntaxError(`parse error on line 1, column ${column}: ${reason}`);
}
