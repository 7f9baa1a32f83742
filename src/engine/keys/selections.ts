import { COMPRESS_COST } from "../../compression/members.ts";
import { hasWildcard } from "../../dockerignore/glob.ts";
import { EntryTable } from "../../rootfs/entry-table.ts";
import type { Node } from "../../rootfs/tree.ts";
import { decodeFramed, encodeFramed, LineFrames } from "../../store/framed.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { concat } from "../../streams/concat.ts";
import { keepRecent } from "../../streams/keep-recent.ts";
import { hexOf } from "../../streams/sha256.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { inTurns, spend, type TurnBudget } from "../../streams/turns.ts";
import { CopyError } from "../copy/copy-error.ts";
import type { CopySource } from "../copy/copy-request.ts";
import { type CopyInput, digestInputs, visitInputs } from "../copy/digest-inputs.ts";
import { BuildError } from "../errors.ts";
import { literalPathHint, namesOfTree, similarPath } from "./similar-path.ts";

/** The files that a source of COPY or ADD selects, as part of a cache key. */
export interface Selection {
  /** `sha256:<hex>`; equal files with equal names have equal digests. */
  digest: string;
  /** See `inputLines`. */
  lines(): AsyncIterable<string>;
}

/** One file: its path for display, and its properties that are part of the key. */
export type SelectionLine = [name: string, input: Omit<CopyInput, "path">];

/** Cost of writing a line, besides compressing its characters. */
const LINE = 256;

const DAY_MS = 24 * 60 * 60 * 1000;
const KIND = "selection";
const VERSION = 1;

/**
 * Limit of the work on the selections of one build. A line may have thousands of patterns, each for half a million files.
 */
const MAX_WORK = 2 ** 33;

/** The work budget for all selections of one build. */
export function selectionBudget(): TurnBudget {
  return {
    left: MAX_WORK,
    exceeded: () =>
      new BuildError(
        "context-invalid",
        "Cannot read the context: COPY and ADD match too many patterns with too many files",
      ),
  };
}

/**
 * Selects the files of a source. Lines are computed on each read.
 * @throws {CopyError} `source-not-found`, with a suggestion
 */
export function selectEntries(
  source: CopySource,
  excludes: readonly string[],
  budget?: TurnBudget,
): Promise<Selection> {
  return withSuggestion(source, async () => ({
    digest: await computeDigest(source, excludes, budget),
    lines: () => inputLines(source, excludes),
  }));
}

/**
 * All entries that a source selects.
 * @throws {CopyError} `source-not-found`, with a suggestion
 */
export async function selectNodes(source: CopySource, excludes: readonly string[]): Promise<Node[]> {
  const nodes: Node[] = [];
  await withSuggestion(source, () => inTurns(visitInputs(source, excludes, (_, node) => nodes.push(node))));
  return nodes;
}

/** Adds a suggested path to the error of a missing source. */
async function withSuggestion<T>(source: CopySource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    const { tree } = source;
    const names = namesOfTree(tree instanceof EntryTable ? tree.whole : tree);
    const literal = literalPathHint(error.hint, names);
    const similar = await inTurns(similarPath(names, error.path));
    error.hint = literal === error.hint && similar !== undefined ? `Did you mean "${similar}"?` : literal;
    throw error;
  }
}

/** Size of the digest cache, which drops the least recently used digest. */
const MAX_DIGESTS = 1000;
const digests = new Map<string, string>();

/** The digest of a selection, cached because builds of similar contexts compute the same digests. */
async function computeDigest(
  source: CopySource,
  excludes: readonly string[],
  budget: TurnBudget | undefined,
): Promise<string> {
  const { path, parents, literal, keepOwner, tree } = source;
  const fingerprint = tree instanceof EntryTable ? fingerprintOf(tree, source) : undefined;
  if (fingerprint === undefined) return inTurns(digestInputs(source, excludes), budget);
  const name = JSON.stringify([fingerprint, path, parents, literal, keepOwner, excludes]);
  const digest = digests.get(name) ?? (await inTurns(digestInputs(source, excludes), budget));
  keepRecent(digests, name, digest, MAX_DIGESTS);
  return digest;
}

/** Identifies the directory or file that alone determines the digest, or else the whole tree. */
function fingerprintOf(tree: EntryTable, { path }: CopySource): string | undefined {
  const place = trimEnd(path.replace(/^\/+/, ""), "/");
  const type = tree.hasHardLinks || hasWildcard(place) ? undefined : tree.lookup(place)?.type;
  return tree.fingerprint(type === "dir" || type === "file" ? place : "");
}

/** Yields a `SelectionLine` in JSON for each file. */
async function* inputLines(source: CopySource, excludes: readonly string[]): AsyncGenerator<string> {
  const place = trimEnd(source.path.replace(/^\/+/, ""), "/");
  const prefix = hasWildcard(place)
    ? place.slice(0, place.lastIndexOf("/") + 1)
    : place === ""
      ? ""
      : `${place}/`;
  let lines: string[] = [];
  const visits = visitInputs(source, excludes, ({ path, ...rest }) => {
    lines.push(JSON.stringify([`${prefix}${path}`.replace(/\/$/, ""), rest] satisfies SelectionLine));
  });
  for (const cost of visits) {
    const turn = spend(cost);
    if (turn !== undefined) await turn;
    yield* lines;
    lines = [];
  }
  yield* lines;
}

/** Stores the lines of a selection for comparison with later builds. */
export async function saveSelection(store: ObjectStore, { digest, lines }: Selection): Promise<void> {
  const key = selectionKey(digest);
  const known = await store.head(key);
  // Garbage collection decides by age.
  if (known !== undefined && Date.now() - known.uploaded < DAY_MS) return;
  const frames = new LineFrames();
  for await (const line of lines()) {
    const turn = spend(LINE + COMPRESS_COST * line.length);
    if (turn !== undefined) await turn;
    frames.push(`${line}\n`);
  }
  frames.flush();
  const bytes = concat(encodeFramed(KIND, VERSION, {}, frames.frames));
  await store.put(key, bytes, bytes.length);
}

/** Lines of a stored selection; undefined when garbage collection has removed it. */
export async function loadSelection(
  store: ObjectStore,
  digest: string,
): Promise<AsyncIterable<string> | undefined> {
  const bytes = await store.getBytes(selectionKey(digest));
  return bytes && linesIn(decodeFramed<object>(bytes, KIND, VERSION).frames());
}

async function* linesIn(frames: Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for (const frame of frames) {
    const turn = spend(4 * frame.length);
    if (turn !== undefined) await turn;
    const lines = (rest + decoder.decode(frame, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

function selectionKey(digest: string): string {
  return `selections/${hexOf(digest)}`;
}
