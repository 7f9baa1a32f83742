const steps = "bkmgtp";

/** Parses a size like `64m`, `1.5 GiB` or `4096` to bytes, with units of 1024; undefined for any other text. */
export function readByteSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([bB])|([kKmMgGtTpP])(?:[iI]?[bB])?)?$/.exec(text);
  if (!match) return undefined;
  const step = steps.indexOf((match[3] ?? "b").toLowerCase());
  const size = Math.trunc(Number(match[1]) * 1024 ** step);
  return Number.isSafeInteger(size) ? size : undefined;
}
