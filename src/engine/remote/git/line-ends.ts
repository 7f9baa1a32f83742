import { spend } from "../../../streams/turns.ts";

const CR = 0x0d;
const LF = 0x0a;
/** Cost of examining a byte. */
const BYTE = 4;

/** The statistics by which git distinguishes text from binary files. */
interface Counts {
  loneLf: boolean;
  cr: boolean;
  nul: boolean;
  printable: number;
  nonPrintable: number;
}

/**
 * Whether git would convert the line ends of a file: every line ends with a lone LF, and the contents look like text.
 */
export async function isTextWithLf(contents: AsyncIterable<Uint8Array>): Promise<boolean> {
  const counts: Counts = { loneLf: false, cr: false, nul: false, printable: 0, nonPrintable: 0 };
  let last = -1;
  for await (const chunk of contents) {
    const turn = spend(BYTE * chunk.length);
    if (turn !== undefined) await turn;
    count(chunk, counts);
    last = chunk.at(-1) ?? last;
  }
  // Git ignores a final end-of-file character of MS-DOS.
  if (last === 0x1a) counts.nonPrintable -= 1;
  const { loneLf, cr, nul, printable, nonPrintable } = counts;
  return loneLf && !cr && !nul && nonPrintable <= Math.floor(printable / 128);
}

function count(chunk: Uint8Array, counts: Counts): void {
  for (const byte of chunk) {
    if (byte >= 0x20 && byte !== 0x7f) counts.printable++;
    else if (byte === LF) counts.loneLf = true;
    else if (byte === CR) counts.cr = true;
    // Backspace, tab, form feed and escape.
    else if (byte === 0x08 || byte === 0x09 || byte === 0x0c || byte === 0x1b) counts.printable++;
    else {
      counts.nonPrintable++;
      if (byte === 0) counts.nul = true;
    }
  }
}

/** Inserts a CR before every lone LF. */
export async function* withCrLf(
  contents: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let last = -1;
  for await (const chunk of contents) {
    const turn = spend(BYTE * chunk.length);
    if (turn !== undefined) await turn;
    let added = 0;
    let before = last;
    for (const byte of chunk) {
      if (byte === LF && before !== CR) added++;
      before = byte;
    }
    if (added === 0) yield chunk;
    else {
      const longer = new Uint8Array(chunk.length + added);
      let at = 0;
      before = last;
      for (const byte of chunk) {
        if (byte === LF && before !== CR) longer[at++] = CR;
        longer[at++] = byte;
        before = byte;
      }
      yield longer;
    }
    last = before;
  }
}
