/** Escape sequences (ECMA-48, in their seven-bit and eight-bit forms). */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d]*(?:\x07|\x1b\\|\x9c)|\x1b[@-Z\\-_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Select Graphic Rendition (ECMA-48, 8.3.117): colours and similar attributes, which a reset ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
const COLORS = /(\x1b\[[0-9;:]*m)/;
const NO_COLOR = "\x1b[0m";

/** Removes escape sequences and control characters, except line ends and tabs. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

/** A name in one line without control characters. */
export function plainTitle(text: string): string {
  return plainText(text).replace(/[\n\t]/g, " ");
}

/** One line of output as a terminal finally shows it: without overwritten text, with blanks for tabs and line ends. */
export function plainLine(text: string): string {
  return plainText(
    applyCarriageReturns(text.replace(ESCAPES, "")).replaceAll("\t", "        ").replaceAll("\n", " "),
  );
}

/**
 * One line of output for a log: without overwritten text and control characters, except tabs.
 * @param hasColors keep colours, and reset them at the end of the line
 */
export function outputLine(text: string, hasColors: boolean): string {
  if (!hasColors) return plainText(applyCarriageReturns(text.replace(ESCAPES, ""))).replaceAll("\n", " ");
  const parts = applyCarriageReturns(text).split(COLORS);
  const shown = parts.map((part, i) => (i % 2 === 1 ? part : plainText(part)).replaceAll("\n", " ")).join("");
  return parts.length > 1 ? shown + NO_COLOR : shown;
}

/** The text of a line after its last carriage return, which restarts the line. */
function applyCarriageReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}

/** Splits output into lines; the last one may have no end. */
export function outputLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
