/** The records of a text in CSV (RFC 4180), without empty lines. */
export function csvRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (let at = 0; at < text.length; ) {
    const { field, end } = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    record.push(field);
    if (text[end] === "," && end + 1 < text.length) {
      at = end + 1;
      continue;
    }
    if (text[end] === ",") record.push("");
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
    at = end + (text[end] === "\r" ? 2 : 1);
  }
  return records;
}

interface Field {
  field: string;
  /** Position of the comma or line end after it. */
  end: number;
}

function readBare(text: string, start: number): Field {
  const end = endOfField(text, start);
  return { field: text.slice(start, end), end };
}

/** Ignores text between the closing quote and the end of the field. */
function readQuoted(text: string, start: number): Field {
  let field = "";
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    const isDoubled = text[quote + 1] === '"';
    field += text.slice(at, quote < 0 ? undefined : quote + Number(isDoubled));
    if (quote < 0) return { field, end: text.length };
    if (!isDoubled) return { field, end: endOfField(text, quote + 1) };
    at = quote + 2;
  }
}

function endOfField(text: string, start: number): number {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n" && !text.startsWith("\r\n", end)) end++;
  return end;
}
