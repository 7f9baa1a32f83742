import type { LayerEntry } from "../../layers/entry.ts";
import type { Node } from "../../rootfs/tree.ts";
import { Digester } from "../../streams/sha256.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { CopyError } from "./copy-error.ts";
import type { CopySource } from "./copy-request.ts";
import { type CopyFilters, readFilters, type Visitor, walkSelected } from "./filters.ts";
import { resolveHardLink } from "./hard-link.ts";
import { childPath, nameOf, namesOf } from "./root-path.ts";
import { checkSource, type SelectedSource, selectSources } from "./select.ts";

/** An entry that a COPY or ADD reads, with all of it that can matter for the result. Time stamps never do. */
export interface CopyInput {
  /**
   * Relative to what the source names, so that the place of the source does not matter; what wildcards match begins
   * with its own name, and a source without wildcards is `""`.
   */
  readonly path: string;
  readonly type: Node["type"];
  readonly mode: number;
  /** Only where owners are kept. */
  readonly owner?: readonly [uid: number, gid: number];
  /** Digest of the contents of a file. A hard link is the file it leads to. */
  readonly digest?: string;
  /** Of a link that is copied, not followed. */
  readonly linkname?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, string>>;
}

/**
 * Tells all inputs of a source, in the order they are copied: what is left out by filters is no input, nor is a
 * directory that only leads to something without being copied. Work in pieces: see `inTurns`.
 *
 * @throws CopyError when the source names nothing
 */
export function* visitInputs(
  source: CopySource,
  excludes: readonly string[],
  visit: (input: CopyInput, node: Node) => void,
): Generator<number, void, undefined> {
  const { filters, selected } = yield* selectInputs(source, excludes);
  const [only] = selected;
  const named = only !== undefined && selected.length === 1 && only.path === namesOf(source.path).join("/");
  for (const one of selected)
    yield* new InputReader(source, filters, visit).read(one, named ? "" : nameOf(one.path));
}

/** What a source names; when that is nothing, the error says as BuildKit does what could not be computed. */
function* selectInputs(source: CopySource, excludes: readonly string[]) {
  try {
    yield* checkSource(source, excludes);
    return { filters: readFilters(source.parents, excludes), selected: yield* selectSources(source) };
  } catch (error) {
    if (!(error instanceof CopyError && error.phase === "inputs")) throw error;
    throw error.whileComputingKey(source.ref);
  }
}

/**
 * `sha256:<hex>` of all inputs of a source and of the name it was asked for by, under which a file arrives. With the
 * definition of the step and the tree it is laid on, this decides the layer. Work in pieces: see `inTurns`.
 *
 * @throws CopyError when the source names nothing
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
 * `sha256:<hex>` of the entries of a layer, and the bytes of its files: equal ones are the same layer, whatever tree it
 * was made for. Digests stand for contents. Free times are left out: see `LayerEntry`. Work in
 * pieces: see `inTurns`.
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

/** What it costs to tell an entry of a layer. */
const ENTRY = 2048;

/** Characters that are hashed at once: a call for each line would cost more than the hashing. */
const BATCH = 1 << 16;

/** The digest of values as lines of JSON. */
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

/** Reads one selected entry and what is below it. */
class InputReader implements Visitor {
  readonly #source: CopySource;
  readonly #filters: CopyFilters;
  readonly #visit: (input: CopyInput, node: Node) => void;
  /** Directories the walk is in, those not told yet marked. */
  readonly #way: { node: Node; path: string; told: boolean }[] = [];

  constructor(source: CopySource, filters: CopyFilters, visit: (input: CopyInput, node: Node) => void) {
    this.#source = source;
    this.#filters = filters;
    this.#visit = visit;
  }

  *read({ node }: SelectedSource, path: string): Generator<number, void, undefined> {
    if (node.type !== "dir") {
      this.#tell(node, path);
      return;
    }
    this.#way.push({ node, path, told: true });
    this.#tell(node, path);
    yield* walkSelected(this.#source.tree, node.path, this.#filters, this);
  }

  enter(node: Node, name: string, included: boolean): void {
    this.#way.push({ node, path: this.#below(name), told: false });
    if (included) this.#tellWay();
  }

  leave(): void {
    this.#way.pop();
  }

  file(node: Node, name: string): void {
    this.#tellWay();
    this.#tell(node, this.#below(name));
  }

  #below(name: string): string {
    return childPath(this.#way.at(-1)?.path ?? "", name);
  }

  #tellWay(): void {
    if (this.#way.at(-1)?.told) return;
    for (const step of this.#way) {
      if (!step.told) this.#tell(step.node, step.path);
      step.told = true;
    }
  }

  #tell(entry: Node, path: string): void {
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

/** Those that BuildKit's cache looks at: neither the system's nor those of security modules. */
function countedXattrs(xattrs: Record<string, string> = {}): Record<string, string> | undefined {
  const counted = Object.entries(xattrs).filter(
    ([name]) => name === "security.capability" || !/^(?:security|system)\./.test(name),
  );
  if (counted.length === 0) return undefined;
  return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
}
