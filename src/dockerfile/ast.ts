import type { LineRange } from "./instruction.ts";
import type { Keyword } from "./keyword.ts";

/** The joined line of an instruction, split but not interpreted. */
export interface AstStatement {
  /** First word as written. */
  keyword: string;
  /** The instruction; undefined for an unknown keyword. */
  kind: Keyword | undefined;
  /**
   * Arguments, split as the instruction requires: one text (WORKDIR), words (COPY), the elements of a JSON array, or
   * for ENV and LABEL three texts per pair: key, value, and `=` (or `""` for the legacy form). ONBUILD has only its
   * trigger.
   */
  args: readonly string[];
  /** Leading `--…` words, unquoted. */
  flags: readonly string[];
  /** True when the arguments were a JSON array. */
  json: boolean;
  /** The instruction of ONBUILD. */
  trigger?: AstStatement;
  /** Physical lines joined at their continuations, without heredoc bodies. */
  original: string;
}

/** A statement with its position in the Dockerfile. */
export interface AstNode extends AstStatement {
  heredocs: readonly HeredocBody[];
  lines: LineRange;
  /** 1-based column of the keyword, in UTF-16 code units. */
  column: number;
  /** Length of the part of `original` on the first physical line. */
  firstLineLength: number;
  /** Comment lines directly above, without `#`; an empty comment ends them. */
  comments: readonly string[];
}

/** The mark of a here-document: `<<-"NAME"`. */
export interface HeredocMark {
  name: string;
  /** The number before `<<`; 0 without one. */
  fileDescriptor: number;
  /** False when any part of the name was quoted. */
  expand: boolean;
  /** `<<-`. */
  chomp: boolean;
}

/** A here-document with its body as written. */
export interface HeredocBody extends HeredocMark {
  content: string;
}

/** An instruction with an empty line among its continuations. */
export interface EmptyContinuation {
  /** The joined instruction. */
  original: string;
  /** Last line of the instruction. */
  line: number;
}

/** A Dockerfile split into instructions. */
export interface Ast {
  nodes: readonly AstNode[];
  /** The escape character: `\` or a backtick. */
  escape: string;
  warnings: readonly EmptyContinuation[];
}
