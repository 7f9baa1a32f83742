import { helpFlag } from "../../command/flags/table.ts";
import type { CommandSpec } from "../command-spec.ts";

/** A flag, as the completion script needs it. */
export interface CompletedFlag {
  name: string;
  short: string | undefined;
  help: string;
  takesValue: boolean;
  /** The only valid values. */
  choices: readonly string[];
  completes: "file" | "folder" | undefined;
}

/** A command, as the completion script needs it. */
export interface CompletedCommand {
  name: string;
  summary: string;
  flags: readonly CompletedFlag[];
  /** Completions of the first argument. */
  words: readonly string[];
  /** Completions of the other arguments. */
  completes: "file" | "folder" | undefined;
  /** Whether the words after the first argument belong to another program. */
  stopsAtArgument: boolean;
}

/** The flags and arguments of a command that a shell completes: all that its help shows. */
export function completedCommand(name: string, summary: string, spec: CommandSpec): CompletedCommand {
  const { words = [], completes, stopsAtArgument = false } = spec;
  const flags = Object.entries({ ...spec.flags, help: helpFlag(spec.flags) })
    .filter(([, flag]) => flag.ignored === undefined && !flag.alias)
    .map(([flagName, flag]) => ({
      name: flagName,
      short: flag.short,
      help: flag.help,
      takesValue: flag.kind !== "bool",
      choices: flag.choices ?? [],
      completes: flag.completes,
    }));
  return { name, summary, flags, words, completes, stopsAtArgument };
}

/** `varve help`, which is not in the list of commands. */
export function completedHelp(commands: readonly CompletedCommand[]): CompletedCommand {
  const words = commands.map(({ name }) => name);
  return completedCommand("help", "Show the help of a command", { ...HELP, words });
}

const HELP = { name: "help", usage: "[COMMAND]", summary: "", flags: {}, args: [0, 1] } as const;

export function spellings({ name, short }: CompletedFlag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

/** The spellings of all flags that are followed by a value. */
export function valuedSpellings({ flags }: CompletedCommand): string[] {
  return flags.filter(({ takesValue }) => takesValue).flatMap(spellings);
}
