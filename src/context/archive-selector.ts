import { nameOf, parentOf } from "../rootfs/path-parts.ts";
import { type ContextSelection, type PathJudge, pathJudge } from "./context-view.ts";
import { type ContextLinks, followLinks } from "./follow-links.ts";

/** The paths that a build reads of its context, see `followLinks`; undefined for all of it. */
type Paths = readonly string[] | undefined;

export interface ArchiveSelectorOptions {
  /** Path of the Dockerfile in the archive; undefined when its text is known. */
  dockerfile: string | undefined;
  /** Paths of ignore files, the one that takes precedence first. */
  ignoreFiles: readonly string[];
  /**
   * Computes the paths that a build reads.
   * @param texts contents of the files above that have arrived, by path
   */
  plan: (texts: ReadonlyMap<string, Uint8Array>) => Promise<{ ignore: readonly string[]; paths: Paths }>;
}

/** Bytes of files that are stored although no step reads them: a link that arrives later may lead there. */
const UNSELECTED = 32 * 1024 * 1024;

/**
 * Decides while an archive arrives which of its files a build needs. All of them, until the Dockerfile has arrived: files
 * before it are stored. Symbolic links are followed as far as they have arrived; for those that arrive later, the first
 * files that are not selected are stored, too.
 */
export class ArchiveSelector {
  readonly #options: ArchiveSelectorOptions;
  readonly #texts = new Map<string, Uint8Array>();
  readonly #links = new ArrivedLinks();
  #selection: { ignore: readonly string[]; paths: Paths } | undefined;
  #judge: PathJudge | undefined;
  #notIgnored: PathJudge | undefined;
  #room = UNSELECTED;

  constructor(options: ArchiveSelectorOptions) {
    this.#options = options;
  }

  /** Decides with what is known before the archive. */
  async start(): Promise<void> {
    if (this.#options.dockerfile === undefined) await this.#plan();
  }

  /** Whether the contents of a file are passed to `read`. */
  reads(path: string): boolean {
    const { dockerfile, ignoreFiles } = this.#options;
    return path === dockerfile || ignoreFiles.includes(path);
  }

  /** A file that decides the selection has arrived. */
  async read(path: string, contents: Uint8Array): Promise<void> {
    // A view of the archive would keep a part of it in memory.
    this.#texts.set(path, contents.slice());
    const { dockerfile } = this.#options;
    if (dockerfile === undefined || this.#texts.has(dockerfile)) await this.#plan();
  }

  /** A symbolic link has arrived. */
  addLink(path: string, target: string): void {
    this.#links.add(path, target);
    this.#judge = undefined;
  }

  /** Whether to store a file: it is needed, as far as that is known, or there is room for it. */
  stores(path: string, size: number): boolean {
    if (this.#selects(path)) return true;
    if (size > this.#room || this.#isIgnored(path)) return false;
    this.#room -= size;
    return true;
  }

  /** A link never leads to what the ignore file excludes. */
  #isIgnored(path: string): boolean {
    this.#notIgnored ??= pathJudge({ ignore: this.#selection?.ignore ?? [] });
    return this.#notIgnored(path) !== "keep";
  }

  #selects(path: string): boolean {
    if (this.#selection === undefined) return true;
    this.#judge ??= pathJudge(selectionOf(this.#selection, this.#links));
    return this.#judge(path) === "keep";
  }

  async #plan(): Promise<void> {
    this.#selection = await this.#options.plan(this.#texts);
    this.#judge = undefined;
    this.#notIgnored = undefined;
  }
}

function selectionOf(
  { ignore, paths }: { ignore: readonly string[]; paths: Paths },
  links: ContextLinks,
): ContextSelection {
  return { ignore, include: paths && followLinks(paths, links) };
}

/** The symbolic links of an archive so far. */
class ArrivedLinks implements ContextLinks {
  readonly #targets = new Map<string, string>();
  readonly #names = new Map<string, Set<string>>();

  add(path: string, target: string): void {
    this.#targets.set(path, target);
    const names = this.#names.get(parentOf(path)) ?? new Set();
    names.add(nameOf(path));
    this.#names.set(parentOf(path), names);
  }

  target(path: string): string | undefined {
    return this.#targets.get(path);
  }

  names(directory: string): Iterable<string> {
    return this.#names.get(directory) ?? [];
  }
}
