/** A text is no line of comma-separated values. The message is that of Go's `encoding/csv`. */
export class CsvError extends Error {
  override name = "CsvError";
}

/**
 * The fields of one line as Go's `encoding/csv` reads it: a field in quotes may hold commas, and doubled quotes.
 * @throws {CsvError}
 */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const { field, end } = line[at] === '"' ? quoted(line, at) : bare(line, at);
    fields.push(field);
    if (end >= line.length) return fields;
    at = end;
  }
}

function bare(line: string, at: number): { field: string; end: number } {
  const comma = line.indexOf(",", at);
  const end = comma < 0 ? line.length : comma;
  const field = line.slice(at, end);
  const quote = field.indexOf('"');
  if (quote >= 0)
    throw new CsvError(`parse error on line 1, column ${at + quote + 1}: bare " in non-quoted-field`);
  return { field, end };
}

function quoted(line: string, start: number): { field: string; end: number } {
  let field = "";
  for (let at = start + 1; ; ) {
    const quote = line.indexOf('"', at);
    if (quote < 0)
      throw new CsvError(
        `parse error on line 1, column ${line.length + 1}: extraneous or missing " in quoted-field`,
      );
    field += line.slice(at, quote);
    const next = line[quote + 1];
    if (next === undefined || next === ",") return { field, end: quote + 1 };
    if (next !== '"')
      throw new CsvError(
        `parse error on line 1, column ${quote + 1}: extraneous or missing " in quoted-field`,
      );
    field += '"';
    at = quote + 2;
  }
}
