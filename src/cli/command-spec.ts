import type { ParseOptions } from "../command/flags/parse.ts";
import type { FlagTable } from "../command/flags/table.ts";

/** Description of a command for the parser, the help and completion. */
export interface CommandSpec<T extends FlagTable = FlagTable> extends ParseOptions {
  name: string;
  /** Usage after the name, such as `[OPTIONS] PATH | URL | -`. */
  usage: string;
  /** One line. */
  summary: string;
  /** More lines for the help of the command, if they are needed. */
  about?: string;
  flags: T;
  /** Minimum and maximum number of arguments. */
  args: readonly [min: number, max: number];
  /** Completions of the first argument. */
  words?: readonly string[];
  /** Completions of the other arguments. Default none. */
  completes?: "file" | "folder";
}
