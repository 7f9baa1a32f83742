/** Ranges of characters with a width of two columns: East Asian wide and full-width ones. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];
/** Shown as a picture of two columns (UTS #51), for example ✅. */
const EMOJI = /^\p{Emoji_Presentation}$/u;
/** Makes a picture of the character before it. Terminals that ignore it leave a column empty. */
const PICTURE = "\ufe0f";
const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** The width of a text on a terminal, in columns. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

function widthOfCharacter(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x300) return 1;
  if (character === PICTURE) return 1;
  if (COMBINING.test(character)) return 0;
  const isWide = EMOJI.test(character) || WIDE.some(([first, last]) => code >= first && code <= last);
  return isWide ? 2 : 1;
}

/** Shortens a text to a width, ending with `...` when it is too long. */
export function shortenToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 4) return take(text, columns);
  return `${take(text, columns - 3)}...`;
}

function take(text: string, columns: number): string {
  let width = 0;
  let taken = "";
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}
