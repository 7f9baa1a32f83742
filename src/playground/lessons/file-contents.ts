import { concat } from "../../streams/concat.ts";
import { encodeMember, endOfArchive, padding } from "../../tar/write.ts";
import type { FileContents } from "./schema.ts";

/** Values of `{unique}` and `{host}` in the files of a lesson. */
export interface FileValues {
  unique: string;
  host: string;
}

/** Returns the initial contents of a lesson file. */
export function fileBytes(contents: FileContents, values: FileValues): Uint8Array<ArrayBuffer> {
  if ("archive" in contents) return archive(contents.archive);
  return encode(textOf(contents, values));
}

function textOf(contents: Exclude<FileContents, { archive: unknown }>, values: FileValues): string {
  if ("repeat" in contents) return contents.repeat.repeat(contents.times);
  if ("digits" in contents) return digits(contents.digits);
  const text = contents.map((line) => `${line}\n`).join("");
  return text.replaceAll("{unique}", values.unique).replaceAll("{host}", values.host);
}

/** Returns pseudo-random characters. */
function digits(length: number): string {
  let state = 1;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return `${text.slice(0, length - 1)}\n`;
}

/** Returns a tar archive. */
function archive(files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const members = Object.entries(files).flatMap(([path, text]) => {
    const bytes = encode(text);
    const entry = { type: "file", path, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length } as const;
    return [encodeMember(entry), bytes, padding(bytes.length)];
  });
  return new Uint8Array(concat([...members, endOfArchive]));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
