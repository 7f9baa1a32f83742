import {
  configFields,
  type Failure,
  type HistoryEntry,
  type ImageConfig,
  type ImageResult,
  isFailure,
  type Outcome,
  type RootfsEntry,
} from "./result.ts";

/** The expected outcome of a build: an image, or an error with certain words. */
export type Expected = ImageResult | { fails: string[]; line?: number };

/**
 * Differences between the expected and the actual outcome, each a sentence; none when they agree.
 *
 * The words of an error are the builder's own: only what `fails` lists must be in them, in any case, and the
 * line must be right where both name one.
 */
export function compare(expected: Expected, actual: Outcome): string[] {
  if ("fails" in expected) return compareFailure(expected, actual);
  if (isFailure(actual)) return [`build failed: ${actual.error}`];
  return [
    ...compareValue("platform", expected.platform, actual.platform),
    ...compareValue("author", expected.author, actual.author),
    ...compareConfig(expected.config, actual.config),
    ...compareValue("number of layers", expected.layers, actual.layers),
    ...compareHistory(expected.history, actual.history),
    ...compareRootfs(expected.rootfs, actual.rootfs),
  ];
}

function compareFailure(expected: { fails: string[]; line?: number }, actual: Outcome): string[] {
  if (!isFailure(actual)) return [`build succeeded, expected an error that says ${quoteAll(expected.fails)}`];
  const text = actual.error.toLowerCase();
  const missing = expected.fails.filter((words) => !text.includes(words.toLowerCase()));
  return [
    ...missing.map((words) => `error does not say ${JSON.stringify(words)}: ${actual.error}`),
    ...(actual.line === undefined || expected.line === undefined ? [] : compareLine(expected.line, actual)),
  ];
}

function compareLine(expected: number, actual: Failure): string[] {
  return compareValue("line of the error", expected, actual.line);
}

function quoteAll(words: string[]): string {
  return words.map((word) => JSON.stringify(word)).join(" and ");
}

/** JSON with the keys of objects in order, so that equal values have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function compareValue(what: string, expected: unknown, actual: unknown): string[] {
  if (expected === actual) return [];
  const [wanted, made] = [canonical(expected), canonical(actual)];
  if (wanted === made) return [];
  if (made === undefined) return [`${what} is missing, expected ${wanted}`];
  if (wanted === undefined) return [`${what} is ${made}, expected none`];
  return [`${what} is ${made}, expected ${wanted}`];
}

function compareConfig(expected: ImageConfig, actual: ImageConfig): string[] {
  return configFields.flatMap((field) => compareValue(`config.${field}`, expected[field], actual[field]));
}

function compareHistory(expected: HistoryEntry[], actual: HistoryEntry[]): string[] {
  const length = Math.max(expected.length, actual.length);
  return Array.from({ length }, (_, index) => {
    return compareValue(`history[${index}]`, expected[index], actual[index]);
  }).flat();
}

const entryFields = [
  "mode",
  "uid",
  "gid",
  "size",
  "sha256",
  "link",
  "device",
  "xattrs",
  "sameFileAs",
] as const;

function compareEntry(expected: RootfsEntry, actual: RootfsEntry): string[] {
  const path = `/${expected.path}`;
  // All other fields follow from the type.
  if (expected.type !== actual.type) return compareValue(`type of ${path}`, expected.type, actual.type);
  return [
    ...entryFields.flatMap((field) => compareValue(`${field} of ${path}`, expected[field], actual[field])),
    ...(expected.mtime === undefined ? [] : compareValue(`time of ${path}`, expected.mtime, actual.mtime)),
  ];
}

function compareRootfs(expected: RootfsEntry[], actual: RootfsEntry[]): string[] {
  const made = new Map(actual.map((entry) => [entry.path, entry]));
  const wanted = new Set(expected.map((entry) => entry.path));
  return [
    ...expected.flatMap((entry) => {
      const other = made.get(entry.path);
      return other === undefined
        ? [`/${entry.path} is missing, expected ${describe(entry)}`]
        : compareEntry(entry, other);
    }),
    ...actual
      .filter((entry) => !wanted.has(entry.path))
      .map((entry) => `/${entry.path} is ${describe(entry)}, expected nothing there`),
  ];
}

function describe(entry: RootfsEntry): string {
  const target = entry.link === undefined ? "" : ` to ${entry.link}`;
  return `a ${entry.type}${target} (mode ${entry.mode}, owner ${entry.uid}:${entry.gid})`;
}
