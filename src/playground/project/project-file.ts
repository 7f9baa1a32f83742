/** A file of the project, in memory or on the user's disk. */
export interface ProjectFile {
  readonly contents: Uint8Array<ArrayBuffer> | Blob;
  /** Size in bytes. */
  readonly size: number;
  /** Modification time in seconds since 1970. */
  readonly mtime: number;
  /**
   * Whether the file is executable; undefined for a file on disk that the user has not marked. Browsers do not report
   * modes, so such a file is executable if its contents start with `#!`.
   */
  readonly executable: boolean | undefined;
}

/** Files by their path in the build context. */
export type ProjectFiles = ReadonlyMap<string, ProjectFile>;

/** Maximum size in bytes of a file that the editor opens. */
export const MAX_TEXT = 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const SHEBANG = [0x23, 0x21];

/** Creates a file in memory. By default, it is executable if it starts with `#!`. */
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

/** Wraps a file on disk. Its contents are read later. */
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

/** Number of bytes that are read at once. */
const CHUNK_BYTES = 1024 * 1024;

/** Reads a file in large chunks. The browser's own stream has many small ones. */
export async function* readChunks({
  contents,
}: Pick<ProjectFile, "contents">): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (contents instanceof Uint8Array) {
    yield contents;
    return;
  }
  for (let at = 0; at < contents.size; at += CHUNK_BYTES) {
    yield new Uint8Array(await contents.slice(at, at + CHUNK_BYTES).arrayBuffer());
  }
}

export async function readBytes({ contents }: ProjectFile): Promise<Uint8Array<ArrayBuffer>> {
  return contents instanceof Uint8Array ? contents : new Uint8Array(await contents.arrayBuffer());
}

/** Reads a text file; undefined when it is not text or too large for the editor. */
export async function readText(file: ProjectFile): Promise<string | undefined> {
  if (file.size > MAX_TEXT) return undefined;
  return decodeText(await readBytes(file));
}

/** Decodes UTF-8; undefined for invalid UTF-8 and for text with NUL characters. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
