/** Escape sequences (ECMA-48, in seven bits and in eight) that a program wrote for a terminal of its own. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[@-Z\\-_]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Colours and the like: ECMA-48's SGR, nothing of which outlasts a reset. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLORS = /(\x1b\[[0-9;:]*m)/;
const NO_COLOR = "\x1b[0m";

/** Lines of somebody else, without what would have a terminal do more than show them. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

/** One line of output as it would stand at last: what was written over is gone, tabs and line ends are blanks, colours are left out. */
export function plainLine(text: string): string {
  return plainText(lastWritten(text.replace(ESCAPES, "")).replaceAll("\t", "        ").replaceAll("\n", " "));
}

/** One line of output as it would stand at last, in the colours that it was given and that end with it. */
export function coloredLine(text: string): string {
  const parts = lastWritten(text).split(COLORS);
  const shown = parts.map((part, i) => (i % 2 === 1 ? part : plainText(part)).replaceAll("\n", " ")).join("");
  return parts.length > 1 ? shown + NO_COLOR : shown;
}

/** What stands there after the line was begun anew, as often as it was. */
function lastWritten(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}
