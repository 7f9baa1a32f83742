import { cut } from "../../streams/cut.ts";
import { ShellError } from "./shell-error.ts";

/** Flags by long name. `takes`: the flag needs a value. */
export type ShellFlags = Readonly<Record<string, { short?: string; takes?: true }>>;

export interface ReadFlags {
  /** Values by flag, in the order given. The value of a flag that takes none is "". */
  values: ReadonlyMap<string, readonly string[]>;
  args: string[];
}

/**
 * Parses flags as docker does: `--name x`, `--name=x`, `-n x`, `-nx`, and combined letters such as `-it`.
 * @param stops whether the first argument ends the flags, as in `docker run`
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
