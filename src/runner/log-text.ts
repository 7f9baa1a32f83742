/** Texts longer than this are sent in parts. */
const MOST_CHARACTERS = 16 * 1024;
/** More of a step's output is not sent. The server shows less. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Turns the bytes that a process writes into texts to be sent, as long as the budget lasts. */
export class LogText {
  readonly #decoder = new TextDecoder();
  readonly #budget: { left: number };

  /** Streams of one process share a budget. */
  constructor(budget: { left: number }) {
    this.#budget = budget;
  }

  take(chunk: Uint8Array): string[] {
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
  return { left: MOST_BYTES };
}

function split(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + MOST_CHARACTERS, text.length);
    // A pair of surrogates stays together.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}
