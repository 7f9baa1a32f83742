import type { SentFile } from "../../client/make-packs.ts";
import type { LocalContext } from "../../client/upload-context.ts";
import { ListingDigester, listingLine } from "../../context/listing.ts";
import type { ListingItem } from "../../context/posted-listing.ts";
import type { Node } from "../../rootfs/tree.ts";
import { Digester, sha256 } from "../../streams/sha256.ts";
import { comparePaths } from "../../tar/text.ts";
import { chunksOf, type ProjectFile, type ProjectFiles } from "./project-file.ts";
import type { SelectedPath } from "./selection.ts";

/** Digests of contents that were read before. */
const digests = new WeakMap<ProjectFile["contents"], string>();

/** Milliseconds of work after which the page is let breathe: a frame has 16. */
const BREATH = 8;

/** A context of the project's files, as the client sends it. */
export interface ProjectContext extends LocalContext {
  /** All that is in it, in path order. */
  readonly nodes: readonly Node[];
}

export interface ReadOptions {
  signal?: AbortSignal;
  /** The context of the last build: what is the same is not said again. */
  earlier?: ProjectContext | undefined;
  /** Bytes read so far. */
  onRead?(bytes: number): void;
}

/** Reads the files that travel, to know their digests. Everything belongs to root; modes are 0644, 0755 or 0755. */
export async function readContext(
  files: ProjectFiles,
  selected: readonly SelectedPath[],
  { signal, earlier, onRead }: ReadOptions = {},
): Promise<ProjectContext> {
  const nodes: Node[] = [];
  const breath = new Breath();
  let read = 0;
  for (const { path, isDirectory } of selected) {
    if (breath.isDue) {
      await breath.take();
      signal?.throwIfAborted();
      onRead?.(read);
    }
    const file = files.get(path);
    if (isDirectory || file === undefined) {
      nodes.push({ path, type: "dir", mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 });
      continue;
    }
    const { executable, mtime, size, contents } = file;
    let digest = digests.get(contents);
    if (digest === undefined) {
      digest = contents instanceof Uint8Array ? sha256(contents) : await digestOf(file);
      digests.set(contents, digest);
      read += size;
    }
    nodes.push({ path, type: "file", mode: executable ? 0o755 : 0o644, uid: 0, gid: 0, mtime, size, digest });
  }
  const digester = new ListingDigester();
  for (const node of nodes) {
    digester.add(node);
    if (breath.isDue) await breath.take();
  }
  signal?.throwIfAborted();
  return {
    nodes,
    digest: digester.digest(),
    entries: () => nodes,
    files: (wanted) => sentFiles(files, nodes, new Set(wanted)),
    changes: earlier && { base: earlier.digest, items: () => changes(earlier.nodes, nodes) },
  };
}

/** Lets the page do what it has to, now and then. */
class Breath {
  #last = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#last > BREATH;
  }

  async take(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#last = performance.now();
  }
}

async function digestOf(file: ProjectFile): Promise<string> {
  const digester = new Digester();
  for await (const chunk of chunksOf(file)) digester.update(chunk);
  return digester.digest();
}

function* sentFiles(files: ProjectFiles, nodes: readonly Node[], wanted: Set<string>): Generator<SentFile> {
  for (const { path, digest, size } of nodes) {
    const file = files.get(path);
    if (digest === undefined || file === undefined || !wanted.delete(digest)) continue;
    const { contents } = file;
    yield { path, digest, size, read: () => (contents instanceof Uint8Array ? contents : chunksOf(file)) };
  }
}

/** What is different from an earlier listing, in path order: entries as they are now, and what is gone. */
export function* changes(before: readonly Node[], after: readonly Node[]): Generator<ListingItem> {
  let place = 0;
  let removed: string | undefined;
  const isGone = (path: string) => removed !== undefined && path.startsWith(`${removed}/`);
  const passed = function* (until: string | undefined): Generator<ListingItem> {
    for (let node = before[place]; node !== undefined; node = before[++place]) {
      if (until !== undefined && comparePaths(node.path, until) >= 0) return;
      if (isGone(node.path)) continue;
      removed = node.path;
      yield { path: node.path, removed: true };
    }
  };
  for (const node of after) {
    yield* passed(node.path);
    const same = before[place];
    if (same?.path === node.path) {
      place++;
      if (listingLine(same) === listingLine(node)) continue;
    }
    yield node;
    // What was below a directory goes with it.
    if (node.type !== "dir") removed = node.path;
  }
  yield* passed(undefined);
}
