import { MAX_WORK } from "../dockerignore/match.ts";
import { nameOf, parentOf } from "../rootfs/path-parts.ts";
import { inTurns } from "../streams/turns.ts";
import { type PathJudgement, pathJudgement } from "./context-view.ts";
import { type ContextLinks, followLinksInPieces } from "./follow-links.ts";

/** The paths that a build reads from its context, see `followLinksInPieces`; undefined for all of it. */
type Paths = readonly string[] | undefined;

/** The files of an archive that a build needs: those at paths that the patterns of an ignore file do not exclude. */
export interface ArchiveChoice {
  ignore: readonly string[];
  paths: Paths;
}

interface ArchiveSelectorOptions {
  /** Path of the Dockerfile in the archive; undefined when its text is known. */
  dockerfile: string | undefined;
  /** Paths of ignore files in order of precedence. */
  ignoreFiles: readonly string[];
  /**
   * Computes the paths that a build reads.
   * @param texts contents of the received files above, by path
   */
  plan: (texts: ReadonlyMap<string, Uint8Array>) => Promise<ArchiveChoice>;
}

/**
 * Maximum number of times that links are followed again because more have arrived; then the whole context is selected.
 */
const MAX_JUDGEMENTS = 20;
/** Bytes of stored files that no step reads: a link or an ignore file that arrives later may need them. */
const UNSELECTED = 32 * 1024 * 1024;

/**
 * Decides which files of an archive a build needs while the archive arrives. Before the Dockerfile has arrived, all
 * files are stored. Symbolic links are followed as far as they have arrived; the first unselected files are stored too,
 * for links that arrive later.
 */
export class ArchiveSelector {
  readonly #options: ArchiveSelectorOptions;
  readonly #texts = new Map<string, Uint8Array>();
  readonly #links = new ArrivedLinks();
  #selection: ArchiveChoice | undefined;
  #judgement: PathJudgement | undefined;
  /** Number of judgements so far. */
  #judgements = 0;
  #room = UNSELECTED;

  constructor(options: ArchiveSelectorOptions) {
    this.#options = options;
  }

  /** Makes the first decision, from what is known before the archive. */
  async start(): Promise<void> {
    if (this.#options.dockerfile === undefined) await this.#plan();
  }

  /** Whether the contents of a file are passed to `read`. */
  reads(path: string): boolean {
    const { dockerfile, ignoreFiles } = this.#options;
    return path === dockerfile || ignoreFiles.includes(path);
  }

  /** Receives a file that affects the selection. */
  async read(path: string, contents: Uint8Array): Promise<void> {
    // Copy, because a view would keep a part of the archive in memory.
    this.#texts.set(path, contents.slice());
    const { dockerfile } = this.#options;
    if (dockerfile === undefined || this.#texts.has(dockerfile)) await this.#plan();
  }

  /**
   * Whether a file that was passed to `read` is stored only if a step reads it, which is known only at the end: a
   * Dockerfile may contain passwords.
   */
  isHeld(path: string): boolean {
    return path === this.#options.dockerfile;
  }

  /** Whether a step reads a held file. */
  keeps(path: string): Promise<boolean> {
    return this.#selects(path);
  }

  /** Text of the Dockerfile, if the archive contained it. */
  get dockerfile(): string | undefined {
    const { dockerfile } = this.#options;
    const bytes = dockerfile === undefined ? undefined : this.#texts.get(dockerfile);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Receives a symbolic link. */
  async addLink(path: string, target: string): Promise<void> {
    this.#links.add(path, target);
    const judgement = this.#judgement;
    // A link outside all selected paths selects nothing.
    if (judgement !== undefined && (await inTurns(judgement(path))) !== "drop") this.#judgement = undefined;
  }

  /**
   * Whether to store a file: it is needed as far as is known, or there is room for it.
   * @throws {PatternError} when comparing the patterns with the paths takes too long
   */
  async stores(path: string, size: number): Promise<boolean> {
    if (await this.#selects(path)) return true;
    if (size > this.#room) return false;
    this.#room -= size;
    return true;
  }

  async #selects(path: string): Promise<boolean> {
    if (this.#selection === undefined) return true;
    this.#judgement ??= await this.#judge(this.#selection);
    return (await inTurns(this.#judgement(path))) === "keep";
  }

  async #judge({ ignore, paths }: ArchiveChoice): Promise<PathJudgement> {
    const isAgain = ++this.#judgements > MAX_JUDGEMENTS;
    const include = isAgain ? undefined : paths && (await inTurns(followLinksInPieces(paths, this.#links)));
    return pathJudgement({ ignore, include }, { maxWork: MAX_WORK });
  }

  async #plan(): Promise<void> {
    this.#selection = await this.#options.plan(this.#texts);
    this.#judgement = undefined;
  }
}

/** The symbolic links of an archive that have arrived. */
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
