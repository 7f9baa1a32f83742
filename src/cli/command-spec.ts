import type { ParseOptions } from "../command/flags/parse.ts";
import type { FlagTable } from "../command/flags/table.ts";

/** Description of a command for the parser, the help and completion. */
export interface CommandSpec<T extends FlagTable = FlagTable> extends ParseOptions {
  name: string;
  /** What follows the name, as `[OPTIONS] PATH | URL | -`. */
  usage: string;
  /** One line. */
  summary: string;
  /** More lines for the help of the command, if they are needed. */
  about?: string;
  flags: T;
  /** Minimum and maximum number of arguments. */
  args: readonly [min: number, max: number];
  /** What the first argument may be, as the shell completes it. */
  words?: readonly string[];
  /** What the shell completes for the other arguments. By default nothing. */
  completes?: "file" | "folder";
}
