import { spend } from "./turns.ts";

/** A text that cannot be read line by line. */
export class LineError extends Error {
  override name = "LineError";
  readonly code: "long-line" | "not-utf8";

  constructor(code: LineError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The lines of a text in UTF-8, without their ends, as many at a time as come; what follows the last end is a line
 * when it is not empty. Throws `LineError`.
 */
export async function* lineBatches(
  source: AsyncIterable<Uint8Array>,
  mostCharacters = 1024 * 1024,
): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  for await (const chunk of source) {
    const text = decode(decoder, chunk);
    const isPart = !text.includes("\n");
    const lines = isPart ? [] : (rest + text).split("\n");
    rest = isPart ? rest + text : (lines.pop() ?? "");
    if (rest.length > mostCharacters || lines.some(({ length }) => length > mostCharacters)) {
      throw new LineError("long-line", `a line has more than ${mostCharacters} characters`);
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

/** What a line costs. */
const LINE = 128;

/** The lines of a text that may have megabytes, without their ends: `\n` or `\r\n`. */
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
