import { dirname } from "node:path";
import { tryReadText } from "../../runner/files/read-text.ts";
import type { FolderContexts } from "./folder-contexts.ts";

/** The contents of files; undefined for one that could not be read. */
export type FileTexts = Map<string, string | undefined>;

/** Path → a text that changes with the path's contents; without times. */
export type InputState = ReadonlyMap<string, string>;

/** The inputs of a build on this machine: the selected part of its folders, the Dockerfile and the ignore files. */
export class LocalInputs {
  readonly #contexts: FolderContexts | undefined;
  readonly #texts: FileTexts;

  /**
   * @param contexts undefined if the Dockerfile could not be read
   * @param texts of the Dockerfile and the ignore files as the build read them
   */
  constructor(contexts: FolderContexts | undefined, texts: FileTexts) {
    this.#contexts = contexts;
    this.#texts = texts;
  }

  /**
   * The state as the build read it. Reads folders that the build did not read.
   * @throws {MachineError}
   */
  async state(): Promise<InputState> {
    await this.#contexts?.read();
    const state = new Map(this.#contexts?.lines());
    for (const [path, text] of this.#texts) if (text !== undefined) state.set(path, text);
    return state;
  }

  /** The same inputs as they are now: reads the files, and the folders on demand. */
  reread(): LocalInputs {
    const texts = [...this.#texts.keys()].map((path) => [path, tryReadText(path)] as const);
    return new LocalInputs(this.#contexts?.reread(), new Map(texts));
  }

  /** The directories to watch: a change in one of them may change the state. */
  directories(): Set<string> {
    return new Set([
      ...[...this.#texts.keys()].map((path) => dirname(path)),
      ...(this.#contexts?.directories() ?? []),
    ]);
  }
}
