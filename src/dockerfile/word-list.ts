import { isSpace } from "../streams/white-space.ts";

/** Collects the words of a text; the characters since the last unquoted space are the current word. */
export class WordList {
  readonly words: string[] = [];
  #current = "";

  /** Adds text that is split at white space. */
  addSplit(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at++) {
      if (!isSpace(text.charCodeAt(at))) continue;
      this.#current += text.slice(start, at);
      this.finish();
      start = at + 1;
    }
    this.#current += text.slice(start);
  }

  /** Adds text to the current word without splitting. */
  addWhole(text: string): void {
    this.#current += text;
  }

  finish(): void {
    if (this.#current !== "") this.words.push(this.#current);
    this.#current = "";
  }
}
