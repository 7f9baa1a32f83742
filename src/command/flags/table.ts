/** One flag of a command: parsing, help and completion all read this. */
export interface Flag {
  /** `bool` is on or off, of `text` the last one counts, a `list` grows with each, and `csv` is a list with commas. */
  kind: "bool" | "text" | "list" | "csv";
  short?: string;
  /** Placeholder of the value in the help. */
  value?: string;
  help: string;
  /** The only valid values. */
  choices?: readonly string[];
  /** Completions in the shell. */
  completes?: "file" | "folder";
  /** A synonym from another tool, which the help does not list. */
  alias?: true;
  /** Accepted without effect, so that command lines for other tools work; the text is the reason. */
  ignored?: string;
}

/** Flags by name, in the order of the help. */
export type FlagTable = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F["kind"] extends "bool"
  ? boolean | undefined
  : F["kind"] extends "text"
    ? string | undefined
    : readonly string[];

export type FlagValues<T extends FlagTable> = { [Name in keyof T]: ValueOf<T[Name]> };

/** Flags that are accepted and have no effect. */
export function ignored(kind: Flag["kind"], reason: string, short?: string): Flag {
  return { kind, help: reason, ignored: reason, ...(short !== undefined && { short }) };
}

/** The flag that prints the help: `-h` too, unless another flag has that letter, as in docker. */
export function helpFlag(flags: FlagTable): Flag {
  const isTaken = Object.values(flags).some(({ short }) => short === "h");
  return { kind: "bool", help: "Print help", ...(!isTaken && { short: "h" }) };
}
