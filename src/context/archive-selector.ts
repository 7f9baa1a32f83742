import { MOST_WORK } from "../dockerignore/match.ts";
import { nameOf, parentOf } from "../rootfs/path-parts.ts";
import { inTurns } from "../streams/turns.ts";
import { type PathJudgement, pathJudgement } from "./context-view.ts";
import { type ContextLinks, followingLinks } from "./follow-links.ts";

/** The paths that a build reads of its context, see `followingLinks`; undefined for all of it. */
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

/** Times that links are followed again because others have arrived. Then the whole context is selected. */
const MOST_JUDGEMENTS = 20;
/** Bytes of files that are stored although no step reads them: a link or an ignore file that arrives later may need them. */
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
  #judgement: PathJudgement | undefined;
  /** Times that a judgement was made. */
  #judgements = 0;
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

  /**
   * Whether a file that was passed to `read` is stored only if a step reads it, which is known at the end: a Dockerfile
   * may contain passwords.
   */
  isHeld(path: string): boolean {
    return path === this.#options.dockerfile;
  }

  /** Whether a step reads a held file. */
  keeps(path: string): Promise<boolean> {
    return this.#selects(path);
  }

  /** Text of the Dockerfile, when it was among the files of the archive. */
  get dockerfile(): string | undefined {
    const { dockerfile } = this.#options;
    const bytes = dockerfile === undefined ? undefined : this.#texts.get(dockerfile);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** A symbolic link has arrived. */
  async addLink(path: string, target: string): Promise<void> {
    this.#links.add(path, target);
    const judgement = this.#judgement;
    // A link that no selected path goes through selects nothing.
    if (judgement !== undefined && (await inTurns(judgement(path))) !== "drop") this.#judgement = undefined;
  }

  /**
   * Whether to store a file: it is needed, as far as that is known, or there is room for it.
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

  async #judge({ ignore, paths }: { ignore: readonly string[]; paths: Paths }): Promise<PathJudgement> {
    const isAgain = ++this.#judgements > MOST_JUDGEMENTS;
    const include = isAgain ? undefined : paths && (await inTurns(followingLinks(paths, this.#links)));
    return pathJudgement({ ignore, include }, { mostWork: MOST_WORK });
  }

  async #plan(): Promise<void> {
    this.#selection = await this.#options.plan(this.#texts);
    this.#judgement = undefined;
  }
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
