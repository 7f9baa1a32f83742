import { spend } from "./turns.ts";

/** A text cannot be split into lines. */
export class LineError extends Error {
  override name = "LineError";
  readonly code: "long-line" | "not-utf8";

  constructor(code: LineError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The lines of a UTF-8 text without line ends, in batches as they arrive; a non-empty rest after the last line end is a
 * line.
 * @throws {LineError}
 */
export async function* lineBatches(
  source: AsyncIterable<Uint8Array>,
  maxCharacters = 1024 * 1024,
): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  for await (const chunk of source) {
    const text = decode(decoder, chunk);
    const isPart = !text.includes("\n");
    const lines = isPart ? [] : (rest + text).split("\n");
    rest = isPart ? rest + text : (lines.pop() ?? "");
    if (rest.length > maxCharacters || lines.some(({ length }) => length > maxCharacters)) {
      throw new LineError("long-line", `a line has more than ${maxCharacters} characters`);
    }
    if (lines.length > 0) yield lines;
  }
  rest += decode(decoder);
  if (rest !== "") yield [rest];
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw new LineError("not-utf8", "it is not in UTF-8", { cause });
  }
}

/** Cost of a line. */
const LINE = 128;

/**
 * Splits a text of megabytes into lines, without the line ends `
 * ` or `\r
 * `.
 */
export async function splitLines(text: string): Promise<string[]> {
  const lines: string[] = [];
  for (let start = 0; ; ) {
    const end = text.indexOf("\n", start);
    if (end < 0) {
      lines.push(text.slice(start));
      return lines;
    }
    lines.push(text.slice(start, text[end - 1] === "\r" && end > start ? end - 1 : end));
    start = end + 1;
    const turn = spend(LINE);
    if (turn !== undefined) await turn;
  }
}
