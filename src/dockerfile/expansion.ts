import type { PatternWork } from "./shell-pattern.ts";

/** The variables for expanding a word. */
export interface Variables {
  get(name: string): string | undefined;
  names(): Iterable<string>;
  /** Limit of the work for matching patterns in all texts together. By default only each text is limited. */
  readonly patternWork?: PatternWork | undefined;
}

/** Options for reading a word. */
export interface ExpandOptions {
  /** The escape character: `\`, or that of the Dockerfile's `escape` directive. */
  escape?: string | undefined;
  /**
   * `remove` (default): quotes group and are removed. `keep`: they group and remain. `literal`: they are ordinary
   * characters.
   */
  quotes?: "remove" | "keep" | "literal";
  /** Keeps escape characters. */
  keepEscapes?: boolean;
  /** Keeps references to undefined variables. */
  keepUnset?: boolean;
}

/** An expanded text, and the words it is split into. */
export interface Expansion {
  text: string;
  words: string[];
}
