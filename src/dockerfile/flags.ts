import { cut } from "../streams/cut.ts";
import { Fault } from "./fault.ts";
import { suggest } from "./suggest.ts";

/** The value of a flag: none or a boolean, one text, or a text for each occurrence. */
export type FlagKind = "boolean" | "text" | "texts";

/** Flags by name. */
export type Flags<K extends Record<string, FlagKind>> = {
  [N in keyof K]?: K[N] extends "boolean" ? boolean : K[N] extends "text" ? string : string[];
};

/**
 * Reads the leading `--name[=value]` words of an instruction.
 * @throws {Fault} for an unknown flag, a duplicate, and a missing or invalid value
 */
export function readInstructionFlags<const K extends Record<string, FlagKind>>(
  written: readonly string[],
  kinds: K,
): Flags<K> {
  const found = new Map<string, boolean | string | string[]>();
  for (const word of written) {
    const [flag, value] = cut(word, "=");
    const name = flag.slice(2);
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const suggestion = suggest(name, Object.keys(kinds));
      throw new Fault("parse/unknown-flag", `unknown flag: ${flag}`, { word: flag, suggestion });
    }
    const earlier = found.get(name);
    if (earlier !== undefined && !Array.isArray(earlier)) {
      throw new Fault("parse/flag-value", `duplicate flag specified: ${flag}`, { word: flag });
    }
    if (kind === "boolean") {
      found.set(name, readSwitch(flag, value));
    } else if (value === undefined) {
      throw missingValue(flag);
    } else if (Array.isArray(earlier)) {
      earlier.push(value);
    } else {
      found.set(name, kind === "texts" ? [value] : value);
    }
  }
  return Object.fromEntries(found) as Flags<K>;
}

function readSwitch(flag: string, value: string | undefined): boolean {
  if (value === "") throw missingValue(flag);
  const lower = value?.toLowerCase() ?? "true";
  if (lower !== "true" && lower !== "false") {
    throw new Fault("parse/flag-value", `expecting boolean value for flag ${flag}, not: ${value}`, {
      word: flag,
    });
  }
  return lower === "true";
}

function missingValue(flag: string): Fault {
  return new Fault("parse/flag-value", `missing a value on flag: ${flag}`, { word: flag });
}
