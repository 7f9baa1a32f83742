import { UsageError } from "../command-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
};

/**
 * Bytes as docker's flags have them: `512m`, `1.5 GiB`, `1048576`.
 * @throws {UsageError} in docker's words
 */
export function readByteSize(flag: string, text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])i?b?|b)?$/i.exec(text) ?? [];
  if (number === undefined)
    throw new UsageError(
      `invalid argument ${JSON.stringify(text)} for "${flag}" flag: invalid size: '${text}'`,
    );
  return Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
}
