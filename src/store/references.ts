/** Part of a file that a stream reads. */
export interface FilePart {
  name: string;
  offset: number;
  length: number;
}

const files = new WeakMap<ReadableStream, FilePart>();
const bodies = new WeakMap<ReadableStream, string>();

/** Notes that a stream has the bytes of a file, so that another program can send the file instead. */
export function noteFile(stream: ReadableStream, part: FilePart): void {
  files.set(stream, part);
}

/** The file whose bytes a stream has, when that is known. Reading the stream does not change the answer. */
export function filePartOf(stream: ReadableStream): FilePart | undefined {
  return files.get(stream);
}

/** Notes that the HTTP front holds the bytes of a stream under an id. */
export function noteHeldBody(stream: ReadableStream, id: string): void {
  bodies.set(stream, id);
}

/** The id under which the HTTP front holds the bytes of a stream. The stream must not be read then. */
export function heldBodyOf(stream: ReadableStream): string | undefined {
  return bodies.get(stream);
}
