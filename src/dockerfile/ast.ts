import type { LineRange } from "./instruction.ts";
import type { Keyword } from "./keyword.ts";

/** An instruction's joined line, split; what it means is not known yet. */
export interface Statement {
  /** First word as written. */
  keyword: string;
  /** The instruction it names; undefined when it names none. */
  kind: Keyword | undefined;
  /**
   * Arguments, split as the instruction asks for: one text (WORKDIR), words (COPY), the elements of a JSON array, or
   * for ENV and LABEL three texts per pair: key, value, and `=` (or `""` for the legacy form without it).
   * ONBUILD has none but its trigger.
   */
  args: readonly string[];
  /** Leading `--…` words, unquoted. */
  flags: readonly string[];
  /** True when the arguments were a JSON array. */
  json: boolean;
  /** ONBUILD's instruction. */
  trigger?: Statement;
  /** Physical lines joined at their continuations, heredoc bodies excluded. */
  original: string;
}

/** A statement in its place in the Dockerfile. */
export interface Node extends Statement {
  heredocs: readonly HeredocBody[];
  lines: LineRange;
  /** 1-based column of the keyword, in UTF-16 code units. */
  column: number;
  /** How much of `original` stands on the first physical line. */
  firstLineLength: number;
  /** Comment lines just above, without `#`; an empty comment parts them. */
  comments: readonly string[];
}

/** The mark of a here-document: `<<-"NAME"`. */
export interface HeredocMark {
  name: string;
  /** The number before `<<`, 0 without one. */
  fileDescriptor: number;
  /** False when any part of the name was quoted. */
  expand: boolean;
  /** `<<-`. */
  chomp: boolean;
}

/** A here-document with its body exactly as written. */
export interface HeredocBody extends HeredocMark {
  content: string;
}

/** An instruction that has an empty line among its continuations. */
export interface EmptyContinuation {
  /** The joined instruction. */
  original: string;
  /** Last line of the instruction. */
  line: number;
}

/** A Dockerfile split into instructions. */
export interface Ast {
  nodes: readonly Node[];
  /** The escape character: `\` or a backtick. */
  escape: string;
  warnings: readonly EmptyContinuation[];
}
