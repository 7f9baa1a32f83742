import type { CommandSpec } from "../command.ts";

/** What a shell needs to know of a flag. */
export interface CompletedFlag {
  name: string;
  short: string | undefined;
  help: string;
  takesValue: boolean;
  /** The only values there are. */
  choices: readonly string[];
  completes: "file" | "folder" | undefined;
}

/** What a shell needs to know of a command. */
export interface CompletedCommand {
  name: string;
  summary: string;
  flags: readonly CompletedFlag[];
  /** The only arguments there are; files otherwise. */
  words: readonly string[];
}

/** What can be completed of a command: all that its help shows. */
export function completedCommand(
  name: string,
  summary: string,
  spec: CommandSpec | undefined,
): CompletedCommand {
  const flags = Object.entries(spec?.flags ?? {})
    .filter(([, flag]) => flag.ignored === undefined && !flag.alias)
    .map(([flagName, { short, help, kind, choices = [], completes }]) => ({
      name: flagName,
      short,
      help,
      takesValue: kind !== "bool",
      choices,
      completes,
    }));
  const helpFlag = {
    name: "help",
    short: "h",
    help: "Print help",
    takesValue: false,
    choices: [],
    completes: undefined,
  };
  return { name, summary, flags: [...flags, helpFlag], words: spec?.words ?? [] };
}

/** The spellings of a flag. */
export function spellings({ name, short }: CompletedFlag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}
