/** The part of a file that a stream contains. */
interface FilePart {
  name: string;
  offset: number;
  length: number;
}

const files = new WeakMap<ReadableStream, FilePart>();
const bodies = new WeakMap<ReadableStream, string>();

/** Records that a stream has the bytes of a file, so that another program can send the file instead. */
export function noteFile(stream: ReadableStream, part: FilePart): void {
  files.set(stream, part);
}

/** The file whose bytes a stream has, if recorded, also after the stream was read. */
export function filePartOf(stream: ReadableStream): FilePart | undefined {
  return files.get(stream);
}

/** Records that the HTTP front has the bytes of a stream under an id. */
export function noteHeldBody(stream: ReadableStream, id: string): void {
  bodies.set(stream, id);
}

/** The id under which the HTTP front has the bytes of a stream. Such a stream must not be read. */
export function heldBodyOf(stream: ReadableStream): string | undefined {
  return bodies.get(stream);
}
