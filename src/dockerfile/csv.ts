import { Fault, type FaultCode } from "./fault.ts";

/**
 * Splits one line of comma-separated values. A field may be in double quotes, in which `""` is a quote. Throws a {@link
 * Fault} for a bare or open quote or an empty text; `what` names the value in its message.
 */
export function readFields(text: string, code: FaultCode, what: string): string[] {
  const fail = (reason: string) => new Fault(code, `failed to parse csv ${what}: ${reason}`);
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw fail("EOF");
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    let field = "";
    if (line[at] === '"') {
      do {
        const start = at + 1;
        const close = line.indexOf('"', start);
        if (close === -1) throw fail(`${place(line, start)}: extraneous or missing " in quoted-field`);
        field += line.slice(start, close);
        at = close + 1;
        if (line[at] === '"') field += '"';
      } while (line[at] === '"');
      if (at < line.length && line[at] !== ",") {
        throw fail(`${place(line, at - 1)}: extraneous or missing " in quoted-field`);
      }
    } else {
      const comma = line.indexOf(",", at);
      const end = comma === -1 ? line.length : comma;
      field = line.slice(at, end);
      const mark = field.indexOf('"');
      if (mark !== -1) throw fail(`${place(line, at + mark)}: bare " in non-quoted field`);
      at = end;
    }
    fields.push(field);
    if (at === line.length) return fields;
  }
}

/** The position of a fault as Go's CSV reader reports it; columns count bytes. */
function place(line: string, index: number): string {
  return `parse error on line 1, column ${new TextEncoder().encode(line.slice(0, index)).length + 1}`;
}
