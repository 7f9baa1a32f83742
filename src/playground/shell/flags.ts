import { cut } from "../../streams/cut.ts";

/** An invalid or failed command. The message is docker's. */
export class ShellError extends Error {
  override name = "ShellError";
  readonly code: number;

  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Flags by long name. */
export type ShellFlags = Readonly<Record<string, { short?: string; takes?: true }>>;

export interface ReadFlags {
  /** Values by flag in their order; a flag without a value has "". */
  values: ReadonlyMap<string, readonly string[]>;
  args: string[];
}

/**
 * Parses flags like docker: `--name x`, `--name=x`, `-n x`, `-nx`, and combined letters, `-it`.
 * @param stops whether flags end at the first argument
 * @throws {ShellError}
 */
export function readFlags(words: readonly string[], flags: ShellFlags, stops = false): ReadFlags {
  const values = new Map<string, string[]>();
  const args: string[] = [];
  const rest = [...words];
  const set = (name: string, value: string) => values.set(name, [...(values.get(name) ?? []), value]);
  const next = (spelled: string): string => {
    const value = rest.shift();
    if (value === undefined) throw new ShellError(`flag needs an argument: ${spelled}`, 125);
    return value;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") return { values, args: [...args, ...rest] };
    if (word.startsWith("--")) {
      const [name, value] = cut(word.slice(2), "=");
      const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
      if (flag === undefined) throw new ShellError(`unknown flag: --${name}`, 125);
      set(name, value ?? (flag.takes ? next(`--${name}`) : ""));
    } else if (word.startsWith("-") && word !== "-") {
      readShort(word.slice(1), flags, { set, next });
    } else {
      args.push(word);
      if (stops) return { values, args: [...args, ...rest] };
    }
  }
  return { values, args };
}

function readShort(
  letters: string,
  flags: ShellFlags,
  { set, next }: { set(name: string, value: string): void; next(spelled: string): string },
): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] as string;
    const [name, flag] = Object.entries(flags).find(([, { short }]) => short === letter) ?? [];
    if (name === undefined) {
      throw new ShellError(`unknown shorthand flag: '${letter}' in -${letters.slice(at)}`, 125);
    }
    if (!flag?.takes) {
      set(name, "");
      continue;
    }
    const value = letters.slice(at + 1).replace(/^=/, "");
    set(name, value === "" ? next(`'${letter}' in -${letters.slice(at)}`) : value);
    return;
  }
}
