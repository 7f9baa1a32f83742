import { fromBase64Url, toBase64Url } from "../../streams/base64.ts";
import { isPath, openProject, type ProjectOptions } from "./project.ts";
import { bytesFile, decodeText, isScript, type ProjectFiles, readBytes, textFile } from "./project-file.ts";

/** The JSON of a project in a link. */
interface SharedProject {
  /** Version of the format. */
  v: 1;
  /** Files. Flags: `b` if the text is base64url, `x` if the file is executable. */
  f: [path: string, text: string, flags?: string][];
  /** Path of the Dockerfile. */
  d?: string;
  /** Options of the build. */
  o?: Partial<ProjectOptions>;
}

/** Maximum size in bytes of the files in a link. Browsers and chats reject longer links. */
export const MAX_SHARED = 256 * 1024;
/** Maximum number of bytes after decompression: a link can be hostile. */
const MAX_UNPACKED = 4 * 1024 * 1024;
const MAX_FILES = 1000;

/** The project is too large for a link, or the link is invalid. */
export class ShareError extends Error {
  override name = "ShareError";
}

/** Encodes a project as compressed JSON in base64url. @throws {ShareError} when it is too large */
export async function encodeProject(
  files: ProjectFiles,
  dockerfile: string,
  options: Partial<ProjectOptions>,
): Promise<string> {
  let bytes = 0;
  for (const { size } of files.values()) bytes += size;
  if (bytes > MAX_SHARED || files.size > MAX_FILES) throw new ShareError("too-large");
  const f: SharedProject["f"] = [];
  for (const [path, file] of files) {
    const contents = await readBytes(file);
    const text = decodeText(contents);
    const flags = `${text === undefined ? "b" : ""}${(file.executable ?? isScript(contents)) ? "x" : ""}`;
    f.push([path, text ?? toBase64Url(contents), ...(flags === "" ? [] : [flags])] as SharedProject["f"][0]);
  }
  const shared: SharedProject = {
    v: 1,
    f,
    ...(dockerfile !== "Dockerfile" && { d: dockerfile }),
    o: options,
  };
  const packed = new Blob([JSON.stringify(shared)])
    .stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return toBase64Url(new Uint8Array(await new Response(packed).arrayBuffer()));
}

interface DecodedProject {
  files: ProjectFiles;
  /** Path of the Dockerfile; undefined for `Dockerfile`. */
  dockerfile: string | undefined;
  options: Partial<ProjectOptions>;
}

/** Decodes a project. @throws {ShareError} when the data is not from `encodeProject` */
export async function decodeProject(data: string): Promise<DecodedProject> {
  const { f, d, o } = await decodeJson(data);
  const files = new Map(
    f.map(([path, text, flags = ""]) => {
      const executable = flags.includes("x");
      const bytes = flags.includes("b") ? decodeBytes(text) : undefined;
      return [path, bytes ? bytesFile(bytes, { executable }) : textFile(text, { executable })];
    }),
  );
  return { files, dockerfile: d, options: validOptions(o) };
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    throw new ShareError("unreadable", { cause });
  }
}

/** Decodes and opens a project, unless `signal` is aborted. @throws {ShareError} */
export async function openShared(
  data: string,
  { id, name, signal }: { id?: string; name?: string; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { files, dockerfile, options } = await decodeProject(data);
  if (signal?.aborted) return;
  await openProject(files, { ...options, ...(dockerfile !== undefined && { dockerfile }), id, name });
}

async function decodeJson(data: string): Promise<SharedProject> {
  let shared: unknown;
  try {
    const bytes = fromBase64Url(data);
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    shared = JSON.parse(await readTextUpTo(unpacked, MAX_UNPACKED));
  } catch (cause) {
    throw new ShareError("unreadable", { cause });
  }
  if (!isProject(shared)) throw new ShareError("unreadable");
  return shared;
}

async function readTextUpTo(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) throw new RangeError(`The project has more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return new Blob(parts as Uint8Array<ArrayBuffer>[]).text();
}

function isProject(value: unknown): value is SharedProject {
  const { v, f, d, o = {} } = (value ?? {}) as SharedProject;
  if (v !== 1 || !Array.isArray(f) || f.length > MAX_FILES) return false;
  if (d !== undefined && typeof d !== "string") return false;
  if (typeof o !== "object" || o === null) return false;
  return f.every((file) => {
    if (!Array.isArray(file) || file.length > 3) return false;
    return file.every((part) => typeof part === "string") && isPath(file[0]);
  });
}

/** Drops invalid options of untrusted data. */
function validOptions(given: Partial<ProjectOptions> = {}): Partial<ProjectOptions> {
  const { tag, target, buildArgs, platform } = given;
  const isText = (value: unknown): value is string => typeof value === "string";
  const args = Object.entries(typeof buildArgs === "object" ? buildArgs : {}).filter(([, value]) =>
    isText(value),
  );
  return {
    ...(isText(tag) && { tag }),
    ...(isText(target) && { target }),
    ...(isText(platform) && { platform }),
    buildArgs: Object.fromEntries(args),
  };
}
