/** Rules for parsing the list in an input. */
export interface ListRules {
  /** Each line is one item, and commas are ordinary characters. */
  ignoreComma?: boolean;
  /** Whether a field that begins with `"` ends at the next `"`. Default true. */
  quotes?: boolean;
  /** Keeps white space around items. */
  keepSpace?: boolean;
}

/**
 * Parses a list like docker's actions: lines of CSV whose fields are items. With `ignoreComma`, each line is one item.
 * Quotes that do not enclose a whole field are ordinary characters. Leaves out empty items.
 * @throws {Error} when a quote is not closed
 */
export function readList(
  text: string,
  { ignoreComma = false, quotes = true, keepSpace = false }: ListRules = {},
): string[] {
  const records = recordsOf(keepSpace ? text : text.trim(), quotes);
  const items = records.flatMap((fields) => {
    if (ignoreComma) return [fields.join(",")];
    // A single field in quotes is still cut at its commas.
    return fields.length === 1 ? (fields[0] as string).split(",") : fields;
  });
  return items.filter((item) => item.trim() !== "").map((item) => (keepSpace ? item : item.trim()));
}

/** The records of CSV, without empty lines. @throws {Error} when a quote is not closed */
function recordsOf(text: string, quotes: boolean): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  let isEmptyLine = true;
  for (let at = 0; at <= text.length; at++) {
    const quoted = quotes && text[at] === '"' ? readQuoted(text, at) : undefined;
    const from = quoted?.end ?? at;
    const to = indexOfEnd(text, from);
    fields.push((quoted?.field ?? "") + text.slice(from, to));
    isEmptyLine &&= to === at;
    at = to;
    if (text[at] === ",") {
      isEmptyLine = false;
      continue;
    }
    if (!isEmptyLine) records.push(fields);
    fields = [];
    isEmptyLine = true;
    if (text.startsWith("\r\n", at)) at++;
  }
  return records;
}

/** The end of a field without quotes. */
function indexOfEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (",\r\n".includes(text[at] as string)) return at;
  return text.length;
}

/** The text between quotes, with the quotes if the field continues after them. */
function readQuoted(text: string, start: number): { field: string; end: number } {
  let content = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') content += text[at];
    else if (text[at + 1] === '"') content += text[at++];
    else {
      const end = at + 1;
      const isWhole = end === text.length || ",\r\n".includes(text[end] as string);
      return { field: isWhole ? content : `"${content}"`, end };
    }
  }
  throw new Error("a quote is not closed");
}
