import { readBoolean } from "../../dockerfile/boolean.ts";
import { suggest } from "../../dockerfile/suggest.ts";
import { cut } from "../../streams/cut.ts";
import { UsageError } from "../command-error.ts";
import { readCsvFields } from "./csv-fields.ts";
import type { Flag, FlagTable, FlagValues } from "./table.ts";

/** A parsed command line. */
interface ParsedFlags<T extends FlagTable> {
  values: FlagValues<T>;
  /** The arguments that are not flags, in order. */
  args: string[];
  /** Whether `--help` or `-h` was found; the words after it were not read. */
  isHelp: boolean;
  /** Flags that were given and have no effect, each once. */
  ignored: string[];
}

export interface ParseOptions {
  /** All words after the first argument are arguments: for commands that run another command. */
  stopsAtArgument?: boolean;
}

/**
 * Reads a command line as docker does, with the rules and messages of the library that docker has for it, pflag.
 * @throws {UsageError}
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  args: readonly string[],
  options: ParseOptions = {},
): ParsedFlags<T> {
  const reader = new Reader(table, args, options);
  reader.read();
  const { values, positionals, isHelp, ignored } = reader;
  return { values: values as FlagValues<T>, args: positionals, isHelp, ignored: [...ignored] };
}

type Value = boolean | string | string[] | undefined;

class Reader {
  readonly values: Record<string, Value> = {};
  readonly positionals: string[] = [];
  readonly ignored = new Set<string>();
  isHelp = false;
  readonly #table: FlagTable;
  readonly #options: ParseOptions;
  /** The words that were not read yet. */
  #rest: string[];

  constructor(table: FlagTable, args: readonly string[], options: ParseOptions) {
    this.#table = table;
    this.#rest = [...args];
    this.#options = options;
    for (const [name, { kind }] of Object.entries(table)) {
      if (kind === "list" || kind === "csv") this.values[name] = [];
    }
  }

  read(): void {
    while (this.#rest.length > 0 && !this.isHelp) {
      const word = this.#rest.shift() as string;
      if (word === "--") {
        this.positionals.push(...this.#rest);
        return;
      }
      if (word.startsWith("--")) this.#long(word);
      else if (word.startsWith("-") && word !== "-") this.#short(word.slice(1));
      else {
        this.positionals.push(word);
        if (!this.#options.stopsAtArgument) continue;
        this.positionals.push(...this.#rest);
        return;
      }
    }
  }

  #long(word: string): void {
    const text = word.slice(2);
    if (text.startsWith("-") || text.startsWith("=")) throw new UsageError(`bad flag syntax: ${word}`);
    const [name, value] = cut(text, "=");
    const flag = this.#flag(name);
    if (flag === undefined) {
      if (name !== "help") throw this.#unknown(name);
      this.isHelp = true;
    } else if (value !== undefined) {
      this.#set(name, flag, value);
    } else if (flag.kind === "bool") {
      this.#set(name, flag, "true");
    } else {
      this.#set(name, flag, this.#next(`flag needs an argument: --${name}`));
    }
  }

  /** Short flags can be combined. The rest after a flag that takes a value is its value. */
  #short(letters: string): void {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] as string;
      const name = Object.keys(this.#table).find((key) => this.#table[key]?.short === letter);
      if (name === undefined) {
        if (letter !== "h")
          throw new UsageError(`unknown shorthand flag: '${letter}' in -${letters.slice(at)}`);
        this.isHelp = true;
        return;
      }
      const flag = this.#table[name] as Flag;
      const rest = letters.slice(at + 1);
      if (rest.length > 1 && rest.startsWith("=")) {
        this.#set(name, flag, rest.slice(1));
        return;
      }
      if (flag.kind === "bool") {
        this.#set(name, flag, "true");
        continue;
      }
      const message = `flag needs an argument: '${letter}' in -${letters.slice(at)}`;
      this.#set(name, flag, rest === "" ? this.#next(message) : rest);
      return;
    }
  }

  #unknown(name: string): UsageError {
    const near = suggest(name, [...Object.keys(this.#table), "help"]);
    return new UsageError(
      `unknown flag: --${name}`,
      near === undefined ? undefined : `Did you mean "--${near}"?`,
    );
  }

  #flag(name: string): Flag | undefined {
    return Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
  }

  #next(message: string): string {
    const word = this.#rest.shift();
    if (word === undefined) throw new UsageError(message);
    return word;
  }

  #set(name: string, flag: Flag, text: string): void {
    const invalid = (reason: string) => {
      const spelled = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      return new UsageError(`invalid argument ${JSON.stringify(text)} for "${spelled}" flag: ${reason}`);
    };
    if (text === "" && hasEmptyDefault(flag)) {
      delete this.values[name];
      return;
    }
    if (flag.choices !== undefined && !flag.choices.includes(text))
      throw invalid(`it must be one of ${flag.choices.join(", ")}`);
    if (flag.ignored !== undefined) this.ignored.add(name);
    switch (flag.kind) {
      case "bool": {
        const value = readBoolean(text);
        if (value === undefined)
          throw invalid(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
        this.values[name] = value;
        break;
      }
      case "text":
        this.values[name] = text;
        break;
      case "list":
        (this.values[name] as string[]).push(text);
        break;
      case "csv":
        if (text !== "") (this.values[name] as string[]).push(...readCsvFields(text, invalid));
        break;
    }
  }
}

/** Whether an empty value is the default, as for `--file ""` and `--progress ""` of docker: scripts pass unset variables. */
function hasEmptyDefault({ kind, choices, completes }: Flag): boolean {
  return kind === "text" && (choices !== undefined || completes !== undefined);
}
