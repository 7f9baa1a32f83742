import { deepStrictEqual } from "node:assert/strict";
import type { Diagnostic } from "../../src/dockerfile/diagnostic.ts";
import type { ContextFiles } from "./case-context.ts";
import type { CaseFixtures } from "./fixtures-server.ts";

/** The inputs of an image. */
export interface CaseInputs {
  dockerfile: string;
  files?: ContextFiles;
  contexts?: Record<string, NamedCaseContext>;
}

/** `--build-context`: files, an image that is built first, or a literal value. */
type NamedCaseContext = { files: ContextFiles } | { image: CaseInputs } | { raw: string };

/** A recorded entry of a layer. */
export interface ExpectedEntry {
  type: "file" | "dir" | "symlink" | "hardlink" | "deleted";
  /** Octal. */
  mode?: string;
  uid?: number;
  gid?: number;
  /** Seconds since 1970, or that of the build. */
  mtime?: number | "now";
  size?: number;
  /** The content of a short text file. Other files have `sha256`, and files that differ between builds have neither. */
  content?: string;
  sha256?: string;
  link?: string;
}

/** The expected image of one platform. */
export interface ExpectedImage {
  /** Number of layers of the base, which are not compared. */
  baseLayers?: number;
  /** The other layers; entries in the order of the tar. */
  layers?: (ExpectedEntry & { path: string })[][];
  /** Those layers as one tree. */
  expectFiles?: Record<string, ExpectedEntry>;
  expectConfig?: Record<string, unknown>;
}

/** A recorded build. */
export interface IntegrationCase extends CaseInputs, ExpectedImage, CaseFixtures {
  name: string;
  needsRun?: boolean;
  buildArgs?: Record<string, string>;
  labels?: Record<string, string>;
  /** Secrets of RUN by id. */
  secrets?: Record<string, string>;
  /** Options of the front end that have no flag. */
  opts?: Record<string, string>;
  /** Options of the exporter, each after a comma. */
  exportAttrs?: string;
  target?: string;
  /** Comma list. */
  platform?: string;
  platforms?: Record<string, ExpectedImage>;
  dockerfileName?: string;
  dockerfileInContext?: boolean;
  /** Files beside a Dockerfile that is not in the context. */
  dockerfileDirFiles?: ContextFiles;
  steps?: string[];
  expectError?: string;
  expectErrorLines?: number[];
  expectWarnings?: string[];
}

/** The names that the stub of a base was recorded under. */
const stubNames = ["busybox", "alpine"] as const;

/** Creation time of the bases of a case; the records omit it. */
const stubTime = "2000-01-01T00:00:00Z";
/** The same in seconds since 1970. */
export const stubEpoch = Date.parse(stubTime) / 1000;

/**
 * Named contexts of a case. As in the records, the stub replaces images of two names.
 * @param stub returns the reference of the stub for a name
 * @param uploaded value for a context of the case
 */
export async function namedContexts(
  { dockerfile, contexts = {} }: CaseInputs,
  stub: (name: string) => string,
  uploaded: (
    name: string,
    context: { files: ContextFiles } | { image: CaseInputs },
  ) => string | Promise<string>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of stubNames) {
    // A named context would also replace a stage of that name.
    if (!dockerfile.includes(`AS ${name}`)) values[name] = `docker-image://${stub(name)}`;
  }
  for (const [name, context] of Object.entries(contexts)) {
    values[name] = "raw" in context ? context.raw : await uploaded(name, context);
  }
  return values;
}

/** Compares the written config with the recorded one. Times are compared only if the record has them. */
export function compareConfig(encoded: string, { expectConfig = {} }: ExpectedImage): void {
  const written = JSON.parse(encoded) as Record<string, unknown>;
  const { rootfs, history, created, ...config } = written as typeof written & {
    rootfs: { diff_ids: string[] | null };
    history: Record<string, unknown>[] | null;
  };
  const timed = expectConfig.created !== undefined;
  const found = {
    ...config,
    ...(timed && { created }),
    history: (history ?? []).map(({ created: at, ...entry }) =>
      timed && at !== stubTime ? { created: at, ...entry } : entry,
    ),
    rootfsLayers: rootfs.diff_ids?.length ?? 0,
  };
  // BuildKit writes null instead of an empty list of layers. Readers accept both.
  const { topLevelKeyOrder, manifestLayersIsNull: _, diffIdsIsNull: __, ...expected } = expectConfig;
  deepStrictEqual(found, expected);
  deepStrictEqual(Object.keys(written), topLevelKeyOrder);
}

/**
 * Compares the names of steps. BuildKit shows equal steps of two platforms once, and the second half of `--link` as a
 * separate step. The records omit steps whose names begin like a named context.
 */
export function compareNames(
  found: readonly string[],
  { steps = [], platforms = {} }: IntegrationCase,
): void {
  const shown = found.filter((name) => !name.startsWith("[context "));
  const expected = steps.filter((name) => !/\] LINK /.test(name));
  const wanted = Object.keys(platforms).length > 1 ? shown.filter((name) => expected.includes(name)) : shown;
  deepStrictEqual([...new Set(wanted)].sort(), [...new Set(expected)].sort());
}

/** A finding, as the records have it. */
interface Warning {
  rule: string;
  message: string;
  line: number;
}

export function warningOf({ code, message, lines }: Diagnostic): Warning {
  return { rule: code, message, line: lines.start };
}

export function compareWarnings(
  warnings: readonly Warning[],
  { expectWarnings = [] }: IntegrationCase,
): void {
  const found = warnings.map(({ rule, message, line }) => `${rule}: ${message} (line ${line})`);
  deepStrictEqual([...new Set(found)].sort(), [...new Set(expectWarnings)].sort());
}

/** Compares the lines of an error, if the record has them. */
export function compareErrorLines(
  lines: { start: number; end: number } | undefined,
  { expectErrorLines }: IntegrationCase,
): void {
  if (expectErrorLines === undefined) return;
  deepStrictEqual([lines?.start, lines?.end], [Math.min(...expectErrorLines), Math.max(...expectErrorLines)]);
}
