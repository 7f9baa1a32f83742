import type { LayerEntry } from "../../layers/entry.ts";
import { childPath, nameOf } from "../../rootfs/path-parts.ts";
import type { Node } from "../../rootfs/tree.ts";
import { Digester } from "../../streams/sha256.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { pathInRoot } from "../../tar/path.ts";
import { CopyError } from "./copy-error.ts";
import type { CopySource } from "./copy-request.ts";
import { type CopyFilters, parseCopyFilters, type Visitor, walkSelected } from "./filters.ts";
import { resolveHardLink } from "./hard-link.ts";
import { checkSource, type SelectedSource, selectSources } from "./select.ts";

/** An entry that a COPY or ADD reads, with everything that can affect the result. Timestamps never do. */
export interface CopyInput {
  /**
   * Relative to the source, so that the location of the source does not matter. Wildcard matches begin with their own
   * name; a source without wildcards is `""`.
   */
  readonly path: string;
  readonly type: Node["type"];
  readonly mode: number;
  /** Only when the copy keeps owners. */
  readonly owner?: readonly [uid: number, gid: number];
  /** Digest of the contents of a file. A hard link has the digest of its target. */
  readonly digest?: string;
  /** Target of a symbolic link that is copied rather than followed. */
  readonly linkname?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, string>>;
}

/**
 * Calls `visit` for all inputs of a source in copy order, without what filters exclude and without directories that
 * only lead to an input. Works in pieces: see `inTurns`.
 * @throws {CopyError} when the source names nothing
 */
export function* visitInputs(
  source: CopySource,
  excludes: readonly string[],
  visit: (input: CopyInput, node: Node) => void,
): Generator<number, void, undefined> {
  const { filters, selected } = yield* selectInputs(source, excludes);
  const [only] = selected;
  const named = only !== undefined && selected.length === 1 && only.path === pathInRoot(source.path);
  for (const one of selected)
    yield* new InputReader(source, filters, visit).read(one, named ? "" : nameOf(one.path));
}

/** Selects the entries of a source. A missing source fails with BuildKit's error about computing the cache key. */
function* selectInputs(source: CopySource, excludes: readonly string[]) {
  try {
    yield* checkSource(source, excludes);
    return { filters: parseCopyFilters(source.parents, excludes), selected: yield* selectSources(source) };
  } catch (error) {
    if (!(error instanceof CopyError && error.phase === "inputs")) throw error;
    throw error.whileComputingKey(source.ref);
  }
}

/**
 * `sha256:<hex>` over all inputs of a source and its requested name, which becomes the name of a copied file. Together
 * with the definition of the step and its parent tree, this determines the layer. Works in pieces: see `inTurns`.
 * @throws {CopyError} when the source names nothing
 */
export function* digestInputs(
  source: CopySource,
  excludes: readonly string[],
): Generator<number, string, undefined> {
  const lines = new LineDigest();
  lines.add(nameOf(trimEnd(source.path, "/")));
  yield* visitInputs(source, excludes, (input) => lines.add(input));
  return lines.digest();
}

/**
 * `sha256:<hex>` of the entries of a layer, and the total size of its files. Equal digests mean equal layers, whatever
 * tree they were made for. Contents are represented by their digests; free times are left out (see `LayerEntry`). Works
 * in pieces: see `inTurns`.
 */
export function* digestEntries(
  entries: Iterable<LayerEntry>,
): Generator<number, { digest: string; bytes: number }, undefined> {
  const lines = new LineDigest();
  let bytes = 0;
  for (const { node, hasFreeTime } of entries) {
    yield ENTRY + 8 * node.path.length;
    const { contents: _, mtime, ...rest } = node;
    lines.add(hasFreeTime ? rest : { ...rest, mtime });
    bytes += node.size;
  }
  return { digest: lines.digest(), bytes };
}

/** Cost of hashing an entry of a layer. */
const ENTRY = 2048;

/** Characters hashed per call: one call per line would cost more than the hashing. */
const BATCH = 1 << 16;

/** Hashes values as lines of JSON. */
class LineDigest {
  readonly #encoder = new TextEncoder();
  readonly #digester = new Digester();
  #pending = "";

  add(value: unknown): void {
    this.#pending += `${JSON.stringify(value)}\n`;
    if (this.#pending.length >= BATCH) this.#flush();
  }

  digest(): string {
    this.#flush();
    return this.#digester.digest();
  }

  #flush(): void {
    this.#digester.update(this.#encoder.encode(this.#pending));
    this.#pending = "";
  }
}

/** Reads a selected entry and everything below it. */
class InputReader implements Visitor {
  readonly #source: CopySource;
  readonly #filters: CopyFilters;
  readonly #visit: (input: CopyInput, node: Node) => void;
  /** The directories on the path of the walk; `reported` is true once a directory was visited. */
  readonly #directories: { node: Node; path: string; reported: boolean }[] = [];

  constructor(source: CopySource, filters: CopyFilters, visit: (input: CopyInput, node: Node) => void) {
    this.#source = source;
    this.#filters = filters;
    this.#visit = visit;
  }

  *read({ node }: SelectedSource, path: string): Generator<number, void, undefined> {
    if (node.type !== "dir") {
      this.#report(node, path);
      return;
    }
    this.#directories.push({ node, path, reported: true });
    this.#report(node, path);
    yield* walkSelected(this.#source.tree, node.path, this.#filters, this);
  }

  enter(node: Node, name: string, included: boolean): void {
    this.#directories.push({ node, path: this.#below(name), reported: false });
    if (included) this.#reportDirectories();
  }

  leave(): void {
    this.#directories.pop();
  }

  file(node: Node, name: string): void {
    this.#reportDirectories();
    this.#report(node, this.#below(name));
  }

  #below(name: string): string {
    return childPath(this.#directories.at(-1)?.path ?? "", name);
  }

  #reportDirectories(): void {
    if (this.#directories.at(-1)?.reported) return;
    for (const step of this.#directories) {
      if (!step.reported) this.#report(step.node, step.path);
      step.reported = true;
    }
  }

  #report(entry: Node, path: string): void {
    const node = resolveHardLink(this.#source.tree, entry);
    const { type, mode, digest, linkname, device } = node;
    const xattrs = countedXattrs(node.xattrs);
    const input: CopyInput = {
      path,
      type,
      mode,
      ...(this.#source.keepOwner && { owner: [node.uid, node.gid] }),
      ...(digest !== undefined && { digest }),
      ...(type === "symlink" && linkname !== undefined && { linkname }),
      ...(device !== undefined && { device: [device.major, device.minor] }),
      ...(xattrs !== undefined && { xattrs }),
    };
    this.#visit(input, node);
  }
}

/** The extended attributes that are part of BuildKit's cache keys: not `system.*` and not those of security modules. */
function countedXattrs(xattrs: Record<string, string> = {}): Record<string, string> | undefined {
  const counted = Object.entries(xattrs).filter(
    ([name]) => name === "security.capability" || !/^(?:security|system)\./.test(name),
  );
  if (counted.length === 0) return undefined;
  return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
