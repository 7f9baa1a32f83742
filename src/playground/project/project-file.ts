/** A file of the project: written in the page, or read from the user's disk. */
export interface ProjectFile {
  readonly contents: Uint8Array<ArrayBuffer> | Blob;
  /** Size in bytes. */
  readonly size: number;
  /** Modification time in seconds since 1970. */
  readonly mtime: number;
  /**
   * Whether the file is executable. Browsers do not report modes, so a file that starts with `#!` is executable, and
   * the user can change that. Undefined for a file on disk until the user sets it: then the contents decide once they
   * are read.
   */
  readonly executable: boolean | undefined;
}

/** Files by their path in the build context. */
export type ProjectFiles = ReadonlyMap<string, ProjectFile>;

/** Bytes of the largest file that the editor opens. */
export const MAX_TEXT = 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const SHEBANG = [0x23, 0x21];

/** Creates a file from a text. By default it is executable if it starts with `#!`. */
export function textFile(
  text: string,
  { executable }: { executable?: boolean | undefined } = {},
): ProjectFile {
  return bytesFile(encoder.encode(text), { executable });
}

export function bytesFile(
  contents: Uint8Array<ArrayBuffer>,
  { executable, mtime = Date.now() / 1000 }: { executable?: boolean | undefined; mtime?: number } = {},
): ProjectFile {
  return {
    contents,
    size: contents.length,
    mtime: Math.floor(mtime),
    executable: executable ?? isScript(contents),
  };
}

/** Creates a file from a file on disk. The contents are read later. */
export function blobFile(file: File): ProjectFile {
  return {
    contents: file,
    size: file.size,
    mtime: Math.floor(file.lastModified / 1000),
    executable: undefined,
  };
}

/** Whether contents start with `#!`. */
export function isScript(contents: Uint8Array): boolean {
  return SHEBANG.every((byte, index) => contents[index] === byte);
}

/** Bytes that are read at once. */
const CHUNK = 1024 * 1024;

/** Reads a file in large chunks: the browser's own stream would yield many small ones. */
export async function* chunksOf({
  contents,
}: Pick<ProjectFile, "contents">): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (contents instanceof Uint8Array) {
    yield contents;
    return;
  }
  for (let at = 0; at < contents.size; at += CHUNK) {
    yield new Uint8Array(await contents.slice(at, at + CHUNK).arrayBuffer());
  }
}

export async function bytesOf({ contents }: ProjectFile): Promise<Uint8Array<ArrayBuffer>> {
  return contents instanceof Uint8Array ? contents : new Uint8Array(await contents.arrayBuffer());
}

/** Reads a file as text; undefined when it is not text or too large for the editor. */
export async function textOf(file: ProjectFile): Promise<string | undefined> {
  if (file.size > MAX_TEXT) return undefined;
  return textOfBytes(await bytesOf(file));
}

/** Decodes UTF-8; undefined for invalid UTF-8 and for text with NUL characters. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
