import { UsageError } from "../command/command-error.ts";
import { parseFlags } from "../command/flags/parse.ts";
import type { FlagTable, FlagValues } from "../command/flags/table.ts";
import type { CommandSpec } from "./command-spec.ts";

/** Parsed arguments of a command. */
interface Call<T extends FlagTable> {
  values: FlagValues<T>;
  args: string[];
}

/** Runs with the words after the command's name; gives the exit code. */
type CommandFunction = ((words: readonly string[]) => Promise<number>) & { spec: CommandSpec };

/** Commands by name, each loaded on first use. */
export type CommandTable = Readonly<Record<string, { summary: string; load(): Promise<CommandFunction> }>>;

/** A command that parses its flags, prints its help, and warns about flags without effect. */
export function command<const T extends FlagTable>(
  spec: CommandSpec<T>,
  run: (call: Call<T>) => Promise<number>,
): CommandFunction {
  return Object.assign(
    async (words: readonly string[]) => {
      const { values, args, isHelp, ignored } = readWords(spec, words);
      if (isHelp) {
        const { helpText } = await import("./help.ts");
        process.stdout.write(helpText(spec, process.stdout.columns ?? 80));
        return 0;
      }
      for (const name of ignored) {
        process.stderr.write(`WARNING: --${name} has no effect: ${spec.flags[name]?.ignored}\n`);
      }
      return run({ values, args });
    },
    { spec },
  );
}

/**
 * Reads the words after a command's name.
 * @throws {UsageError}
 */
function readWords<T extends FlagTable>(spec: CommandSpec<T>, words: readonly string[]) {
  try {
    const parsed = parseFlags(spec.flags, words, spec);
    const [min, max] = spec.args;
    const count = parsed.args.length;
    if (!parsed.isHelp && (count < min || count > max))
      throw new UsageError(countText(spec, count), actionsHint(spec, count));
    return parsed;
  } catch (error) {
    if (!(error instanceof UsageError) || error.hint !== undefined) throw error;
    throw new UsageError(error.message, `See "varve ${spec.name} --help".`);
  }
}

/** Names the actions when none is given. */
function actionsHint({ words = [] }: CommandSpec, count: number): string | undefined {
  return count > 0 || words.length === 0
    ? undefined
    : `Use ${[words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ")}.`;
}

function countText({ name, args: [min, max] }: CommandSpec, count: number): string {
  const wanted = min === max ? `${min}` : count < min ? `at least ${min}` : `at most ${max}`;
  const noun = (count < min ? min : max) === 1 ? "argument" : "arguments";
  return `varve ${name} takes ${wanted === "0" ? "no" : wanted} ${noun}, but got ${count}`;
}
