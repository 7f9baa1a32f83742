/** Longer lines are cut to this length, in characters. */
const MAX_LINE = 64 * 1024;

/**
 * Reads records of `Name: value` lines separated by blank lines, the format of dpkg, apk and Python. Yields the wanted
 * fields of each record; the first of several fields with one name counts, and continuation lines are ignored. Invalid
 * UTF-8 is replaced.
 */
export async function* fieldRecords(
  source: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<string>,
): AsyncGenerator<ReadonlyMap<string, string>> {
  let record = new Map<string, string>();
  for await (const line of linesOf(source)) {
    if (line.trim() === "") {
      if (record.size > 0) yield record;
      record = new Map();
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    if (colon > 0 && wanted.has(name) && !record.has(name)) record.set(name, line.slice(colon + 1).trim());
  }
  if (record.size > 0) yield record;
}

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [index, part] of lines.entries()) {
      if (rest.length < MAX_LINE) rest += part.slice(0, MAX_LINE - rest.length);
      if (index === lines.length - 1) break;
      yield rest;
      rest = "";
    }
  }
  yield rest + decoder.decode();
}
