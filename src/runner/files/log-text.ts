/** Texts longer than this are sent in parts. */
const MAX_CHARACTERS = 16 * 1024;
/** Bytes of a step's output that are sent. The server shows less. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Decodes the output of a process into texts of limited length, until the budget is used up. */
export class LogText {
  readonly #decoder = new TextDecoder();
  readonly #budget: { left: number };

  /** Streams of one process share a budget. */
  constructor(budget: { left: number }) {
    this.#budget = budget;
  }

  write(chunk: Uint8Array): string[] {
    if (this.#budget.left <= 0) return [];
    const kept = chunk.subarray(0, this.#budget.left);
    this.#budget.left -= kept.length;
    return split(this.#decoder.decode(kept, { stream: true }));
  }

  end(): string[] {
    return split(this.#decoder.decode());
  }
}

export function logBudget(): { left: number } {
  return { left: MAX_BYTES };
}

function split(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + MAX_CHARACTERS, text.length);
    // A pair of surrogates stays together.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}
