import { signal } from "@preact/signals";
import type { SentFile } from "../../client/make-packs.ts";
import type { LocalContext } from "../../client/upload-context.ts";
import { ListingDigester } from "../../context/listing.ts";
import type { ListingItem } from "../../context/posted-listing.ts";
import { formatListingLine } from "../../rootfs/listing-line.ts";
import type { Node } from "../../rootfs/tree.ts";
import { pause } from "../../streams/pause.ts";
import { Digester, sha256 } from "../../streams/sha256.ts";
import { comparePaths } from "../../tar/text.ts";
import { isScript, type ProjectFile, type ProjectFiles, readBytes, readChunks } from "./project-file.ts";
import type { SelectedPath } from "./selection.ts";

/** Facts about the contents of a file. */
interface ContentFacts {
  digest: string;
  isScript: boolean;
}
const knownFacts = new WeakMap<ProjectFile["contents"], ContentFacts>();
/** Incremented when contents were read. */
export const factsRevision = signal(0);

/** Whether a file is executable; false while that is unknown. */
export function isExecutable({ executable, contents }: ProjectFile): boolean {
  return executable ?? knownFacts.get(contents)?.isScript ?? false;
}

/** Number of files that are read concurrently. For small files, most of the time is latency. */
const LANES = 16;
/** Maximum size in bytes of files that are read in one piece. */
const MAX_WHOLE = 1024 * 1024;
/** Milliseconds of work between two pauses: half of a frame. */
const WORK_MS = 8;

/** The build context of the project, in the form that the client uploads. */
export interface ProjectContext extends LocalContext {
  /** All entries in path order. */
  readonly nodes: readonly Node[];
}

interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** The context of the last build. The result has the changes since then. */
  earlier?: ProjectContext | undefined;
  /** Called with the number of bytes read so far. */
  onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Reads the selected files and computes their digests. All entries belong to root; files have mode 0644, executable
 * files and directories 0755.
 */
export async function readContext(
  files: ProjectFiles,
  selected: readonly SelectedPath[],
  { signal: aborted, earlier, onRead }: ReadOptions = {},
): Promise<ProjectContext> {
  const pauses = new Pauses();
  await readMissingFacts(files, selected, pauses, { signal: aborted, onRead });
  const nodes: Node[] = [];
  for (const { path, isDirectory } of selected) {
    if (pauses.isDue) await pauses.take();
    const file = files.get(path);
    const digest = file && knownFacts.get(file.contents)?.digest;
    if (isDirectory || file === undefined || digest === undefined) {
      nodes.push({ path, type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
      continue;
    }
    const mode = isExecutable(file) ? 0o755 : 0o644;
    nodes.push({ path, type: "file", mode, uid: 0, gid: 0, mtime: file.mtime, size: file.size, digest });
  }
  const digester = new ListingDigester();
  for (const node of nodes) {
    digester.add(node);
    if (pauses.isDue) await pauses.take();
  }
  aborted?.throwIfAborted();
  return {
    nodes,
    digest: digester.digest(),
    entries: () => nodes,
    files: (wanted) => filesToSend(files, nodes, new Set(wanted)),
    changes: earlier && { base: earlier.digest, items: () => listChanges(earlier.nodes, nodes) },
  };
}

/** Reads the facts that are not known yet. */
async function readMissingFacts(
  files: ProjectFiles,
  selected: readonly SelectedPath[],
  pauses: Pauses,
  { signal: aborted, onRead }: Pick<ReadOptions, "signal" | "onRead">,
): Promise<void> {
  const unknown: ProjectFile[] = [];
  for (const { path, isDirectory } of selected) {
    const file = isDirectory ? undefined : files.get(path);
    if (file !== undefined && !knownFacts.has(file.contents)) unknown.push(file);
  }
  if (unknown.length === 0) return;
  let next = 0;
  let read = 0;
  const lane = async () => {
    while (next < unknown.length) {
      const file = unknown[next++] as ProjectFile;
      knownFacts.set(file.contents, await readFacts(file));
      read += file.size;
      if (!pauses.isDue) continue;
      await pauses.take();
      aborted?.throwIfAborted();
      onRead?.(read);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  aborted?.throwIfAborted();
  factsRevision.value++;
}

/** Pauses during long work to keep the page responsive. */
class Pauses {
  #last = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#last > WORK_MS;
  }

  async take(): Promise<void> {
    await pause(0);
    this.#last = performance.now();
  }
}

async function readFacts(file: ProjectFile): Promise<ContentFacts> {
  const { contents, size } = file;
  if (contents instanceof Uint8Array || size <= MAX_WHOLE) {
    const bytes = await readBytes(file);
    return { digest: sha256(bytes), isScript: isScript(bytes) };
  }
  const digester = new Digester();
  let start: Uint8Array | undefined;
  for await (const chunk of readChunks(file)) {
    start ??= chunk;
    digester.update(chunk);
  }
  return { digest: digester.digest(), isScript: isScript(start ?? new Uint8Array()) };
}

/** Yields one file for each wanted digest. */
function* filesToSend(files: ProjectFiles, nodes: readonly Node[], wanted: Set<string>): Generator<SentFile> {
  for (const { path, digest, size } of nodes) {
    const file = files.get(path);
    if (digest === undefined || file === undefined || !wanted.delete(digest)) continue;
    const { contents } = file;
    yield { path, digest, size, read: () => (contents instanceof Uint8Array ? contents : readChunks(file)) };
  }
}

/** Yields the changes from one listing to another in path order: new and changed entries, and removed paths. */
export function* listChanges(before: readonly Node[], after: readonly Node[]): Generator<ListingItem> {
  let place = 0;
  let removed: string | undefined;
  const isGone = (path: string) => removed !== undefined && path.startsWith(`${removed}/`);
  const removedUntil = function* (until: string | undefined): Generator<ListingItem> {
    for (let node = before[place]; node !== undefined; node = before[++place]) {
      if (until !== undefined && comparePaths(node.path, until) >= 0) return;
      if (isGone(node.path)) continue;
      removed = node.path;
      yield { path: node.path, removed: true };
    }
  };
  for (const node of after) {
    yield* removedUntil(node.path);
    const same = before[place];
    if (same?.path === node.path) {
      place++;
      if (formatListingLine(same) === formatListingLine(node)) continue;
    }
    yield node;
    // Replacing a directory removes everything below it.
    if (node.type !== "dir") removed = node.path;
  }
  yield* removedUntil(undefined);
}
