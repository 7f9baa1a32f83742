import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BUSYBOX,
  baseHistoryLength,
  baseRootfs,
  bases,
  busyboxBinary,
  indexes,
  keyOf,
} from "./bases/index.ts";
import { imageBytes } from "./bases/oci.ts";
import type { Case } from "./case.ts";
import type { Expected } from "./compare.ts";
import type { Newer } from "./newer.ts";
import { type Failure, type ImageResult, isFailure, type Outcome, type RootfsEntry } from "./result.ts";

const folder = join(import.meta.dirname, "records");

/** The recorded form of an image: its file system as the difference from its base. */
export interface ImageRecord extends Omit<ImageResult, "rootfs"> {
  /** Base image whose layers it begins with, or `scratch`. */
  base: string;
  /** Entries that the base has not, or has differently. */
  rootfs: RootfsEntry[];
  /** Paths of the base that are no longer there. */
  removed: string[];
}

export type CaseRecord = ImageRecord | Failure;

const keyByDiffIds = new Map(
  [...bases, ...indexes.flat()].map((base) => [
    imageBytes(base)
      .layers.map((layer) => layer.diffId)
      .join(" "),
    keyOf(base),
  ]),
);

/** The base whose layers the image begins with. */
function baseOf(diffIds: string[]): string {
  for (let length = diffIds.length; length > 0; length -= 1) {
    const key = keyByDiffIds.get(diffIds.slice(0, length).join(" "));
    if (key !== undefined) return key;
  }
  return "scratch";
}

/** The entry, without the bytes of busybox, which depend on the machine. */
function withoutBusybox(entry: RootfsEntry): RootfsEntry {
  if (entry.sha256 !== busyboxBinary.sha256) return entry;
  const { size: _, ...rest } = entry;
  return { ...rest, sha256: BUSYBOX };
}

function withBusybox(entry: RootfsEntry): RootfsEntry {
  if (entry.sha256 !== BUSYBOX) return entry;
  return { ...entry, ...busyboxBinary };
}

/** The recorded form of an outcome. */
export function recordOf(outcome: Outcome, diffIds: string[]): CaseRecord {
  if (isFailure(outcome)) return outcome;
  const { rootfs, ...rest } = outcome;
  const base = baseOf(diffIds);
  const before = baseRootfs(base);
  const known = new Map(before.map((entry) => [entry.path, JSON.stringify(entry)]));
  const paths = new Set(rootfs.map((entry) => entry.path));
  return {
    base,
    ...rest,
    rootfs: rootfs.filter((entry) => known.get(entry.path) !== JSON.stringify(entry)).map(withoutBusybox),
    removed: before.map((entry) => entry.path).filter((path) => !paths.has(path)),
  };
}

function applyToRootfs(
  entries: Map<string, RootfsEntry>,
  { moved = {}, rootfs = {}, gone = [] }: Newer,
): void {
  for (const [from, to] of Object.entries(moved)) {
    const entry = entries.get(from);
    if (entry === undefined) throw new Error(`Cannot move "${from}" of a record: no such entry`);
    entries.delete(from);
    entries.set(to, { ...entry, path: to });
  }
  for (const [path, { type, ...members }] of Object.entries(rootfs)) {
    const entry = type === undefined ? entries.get(path) : { path, type, mode: "", uid: 0, gid: 0 };
    if (entry === undefined) throw new Error(`Cannot change "${path}" of a record: no such entry`);
    entries.set(path, { ...entry, ...members });
  }
  for (const path of gone) {
    if (!entries.delete(path)) throw new Error(`Cannot remove "${path}" of a record: no such entry`);
  }
}

/**
 * An image as newer BuildKit would have made it.
 * @param below Existing lines of history, which stay.
 */
export function applyNewer(image: ImageResult, newer: readonly Newer[], below = 0): ImageResult {
  const entries = new Map(image.rootfs.map((entry) => [entry.path, entry]));
  for (const change of newer) applyToRootfs(entries, change);
  const own = image.history.slice(below);
  const history = newer.reduce((lines, change) => (change.history ? lines.map(change.history) : lines), own);
  return {
    ...image,
    config: Object.assign({}, image.config, ...newer.map((change) => change.config)),
    history: [...image.history.slice(0, below), ...history],
    rootfs: [...entries.values()],
  };
}

/** The expected result of a case: its record, with the changes of newer versions of BuildKit. */
export function expectedFrom(testCase: Case, record: CaseRecord): Expected {
  const newer = [...(testCase.newer ?? []), ...(testCase.otherwise ?? [])];
  const now = newer.find(({ image }) => image !== undefined)?.image;
  if (now !== undefined) return expectedFrom({ ...testCase, newer: [], otherwise: [] }, now);
  const fails = newer.find((change) => change.fails !== undefined)?.fails ?? testCase.fails;
  if (isFailure(record)) {
    const line = newer.find((change) => change.line !== undefined)?.line ?? record.line;
    return { fails: fails ?? [], ...(line === undefined ? {} : { line }) };
  }
  if (fails !== undefined) return { fails };
  const { base, removed, rootfs, ...rest } = record;
  const entries = new Map<string, RootfsEntry>();
  for (const entry of baseRootfs(base)) entries.set(entry.path, entry);
  for (const path of removed) entries.delete(path);
  for (const entry of rootfs) entries.set(entry.path, withBusybox(entry));
  return applyNewer({ ...rest, rootfs: [...entries.values()] }, newer, baseHistoryLength(base));
}

function indented(items: string[], depth: number): string {
  const space = "  ".repeat(depth);
  return `\n${items.map((item) => `${space}  ${item}`).join(",\n")}\n${space}`;
}

/** JSON with a line for each member, two levels deep, and for each element of a list. */
function formatted(value: unknown, depth: number): string {
  const nested = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!nested || depth > 1) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${indented(
      value.map((item) => JSON.stringify(item)),
      depth,
    )}]`;
  const members = Object.entries(value).map(([key, inner]) => {
    return `${JSON.stringify(key)}: ${formatted(inner, depth + 1)}`;
  });
  return `{${indented(members, depth)}}`;
}

/** The text of a record's file: short lines that a diff can show. */
export function formatRecord(record: CaseRecord): string {
  return `${formatted(record, 0)}\n`;
}

function fileOf(name: string): string {
  return join(folder, `${name}.json`);
}

export async function readRecord(name: string): Promise<CaseRecord> {
  return JSON.parse(await readFile(fileOf(name), "utf8"));
}

export async function writeRecord(name: string, record: CaseRecord): Promise<void> {
  await writeFile(fileOf(name), formatRecord(record));
}

/** Names of the cases that have a record. */
export async function recordNames(): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
}

export async function removeRecord(name: string): Promise<void> {
  await rm(fileOf(name));
}
