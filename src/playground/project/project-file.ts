/** A file of the project: written in the page, or one of this machine that was dropped or picked. */
export interface ProjectFile {
  readonly contents: Uint8Array<ArrayBuffer> | Blob;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /**
   * Browsers do not tell modes: whoever begins with `#!` is executable, or whom the user makes so. Undefined for a file
   * of this machine about which nobody has said anything: its contents tell, once they are read.
   */
  readonly executable: boolean | undefined;
}

/** Files as they lie in the context, by path. */
export type ProjectFiles = ReadonlyMap<string, ProjectFile>;

/** Larger files are not opened in the editor. */
export const LARGEST_TEXT = 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const SHEBANG = [0x23, 0x21];

/** A file of this text, executable when it says so itself. */
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

/** A file of this machine; its contents are read when they are needed. */
export function blobFile(file: File): ProjectFile {
  return {
    contents: file,
    size: file.size,
    mtime: Math.floor(file.lastModified / 1000),
    executable: undefined,
  };
}

/** Whether contents say that they are to be executed. */
export function isScript(contents: Uint8Array): boolean {
  return SHEBANG.every((byte, index) => contents[index] === byte);
}

/** Bytes of a file that are read at a time. */
const CHUNK = 1024 * 1024;

/** The contents of a file, in chunks of some size: a stream of the browser gives many small ones. */
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

/** All bytes of a file. */
export async function bytesOf({ contents }: ProjectFile): Promise<Uint8Array<ArrayBuffer>> {
  return contents instanceof Uint8Array ? contents : new Uint8Array(await contents.arrayBuffer());
}

/** The text in a file; undefined when it is none, or too large to be edited. */
export async function textOf(file: ProjectFile): Promise<string | undefined> {
  if (file.size > LARGEST_TEXT) return undefined;
  return textOfBytes(await bytesOf(file));
}

/** The text in bytes; undefined when they are no UTF-8, or hold what no text holds. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
