import { createHash } from "node:crypto";
import type { Node, Tree } from "../../rootfs/tree.ts";
import type { CacheStore } from "../../store/cache-store.ts";
import { sha256 } from "../../streams/sha256.ts";
import { BuildError } from "../errors.ts";
import type { HttpSource } from "../plan/step.ts";
import { joinCredentials } from "../url-credentials.ts";
import type { FileStore, StoredFile, StoredTree } from "./file-store.ts";
import { readHttpTime } from "./http-time.ts";
import { conditions, isUnchanged, type KnownDownload, knownDownload } from "./known-download.ts";
import { bodyOf, type RemoteAccess, reach } from "./reach.ts";

export interface DownloadOptions {
  /** Takes the file. */
  files: FileStore;
  /** Finds the tree of an earlier download. */
  open(digest: string): Promise<StoredTree | undefined>;
  /** Remembers what was at a URL, so that it is downloaded again only when it has changed. */
  cache: CacheStore;
  /** Bytes that are accepted; 8 GiB unless said. */
  limit?: number;
}

/** What was at a URL. */
export interface Download extends StoredFile {
  /** One file, named as the source says: 0600, root's, changed when the server says, or in 1970. */
  tree: Tree;
  /** Digest of the context that the tree is stored as. */
  context: string;
  /** It is what it was, so nothing was downloaded. */
  unchanged: boolean;
}

const DEFAULT_LIMIT = 8 * 2 ** 30;
const REMEMBERED_FOR = 30 * 24 * 3600;

/**
 * Downloads a URL as a file. What the server would call it does not matter; a checksum is verified before anything
 * is believed. Throws `BuildError`.
 */
export async function download(
  source: HttpSource,
  access: RemoteAccess,
  options: DownloadOptions,
): Promise<Download> {
  const { checksum } = source;
  const { cache, files } = options;
  const url = joinCredentials(source);
  const authorization = URL.canParse(url) ? access.authorization?.(new URL(url)) : undefined;
  const key = `http/${sha256(JSON.stringify([url, authorization ?? ""])).slice("sha256:".length)}`;
  const known = (await cache.get<KnownDownload>([key])).get(key);
  const earlier = known && (await earlierDownload(source, known, options));
  if (earlier !== undefined && earlier.digest === checksum) return earlier;

  const response = await reach(access, url, {
    headers: {
      "user-agent": "varve",
      ...(authorization !== undefined && { authorization }),
      ...(known !== undefined && earlier !== undefined && conditions(known)),
    },
  });
  if (known !== undefined && earlier !== undefined && isUnchanged(known, response)) {
    await response.body?.cancel();
    requireChecksum(checksum, known.digest);
    return earlier;
  }
  if (response.status < 200 || response.status >= 400 || response.status === 304) {
    await response.body?.cancel();
    throw new BuildError("download-failed", `invalid response status ${response.status}`);
  }
  const file = await store(source, access, response, options);
  const tree = await files.tree(nodeOf(source, file, response.headers));
  const remembered = knownDownload(response.headers, { ...file, tree: tree.digest });
  if (remembered !== undefined) await cache.put(new Map([[key, remembered]]), REMEMBERED_FOR);
  return { ...file, tree: tree.tree, context: tree.digest, unchanged: false };
}

/** What was downloaded earlier, if it is still there under this name. */
async function earlierDownload(
  { name }: HttpSource,
  { tree, digest, size }: KnownDownload,
  { open }: DownloadOptions,
): Promise<Download | undefined> {
  const stored = await open(tree);
  if (stored?.tree.lookup(name)?.digest !== digest) return undefined;
  return { digest, size, tree: stored.tree, context: tree, unchanged: true };
}

async function* nodeOf(
  { name }: HttpSource,
  { digest, size }: StoredFile,
  headers: Headers,
): AsyncGenerator<Node, void, undefined> {
  const mtime = readHttpTime(headers.get("last-modified")) ?? 0;
  yield { path: name, type: "file", mode: 0o600, uid: 0, gid: 0, mtime, size, digest };
}

/** Stores the body of an answer, as long as it is as long as promised and has the checksum. */
async function store(
  source: HttpSource,
  access: RemoteAccess,
  response: Response,
  { files, limit = DEFAULT_LIMIT }: DownloadOptions,
): Promise<StoredFile> {
  const { url, checksum } = source;
  const promised = promisedLength(response.headers);
  if (promised !== undefined && promised > limit) {
    await response.body?.cancel();
    throw tooLarge(url, limit);
  }
  // Of SHA-256 the store tells; what is asked for beyond that is computed while the bytes pass.
  const algorithm = checksum?.slice(0, checksum.indexOf(":")) ?? "sha256";
  const hash = algorithm === "sha256" ? undefined : createHash(algorithm);
  let size = 0;
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of bodyOf(access, url, response)) {
      size += chunk.length;
      if (size > limit) throw tooLarge(url, limit);
      hash?.update(chunk);
      yield chunk;
    }
    if (promised === undefined || promised === size) return;
    const message = `Cannot download ${url}: ${size} bytes came instead of ${promised}`;
    throw new BuildError("download-failed", message);
  }
  const stored = await files.add(body());
  requireChecksum(checksum, hash === undefined ? stored.digest : `${algorithm}:${hash.digest("hex")}`);
  return stored;
}

/** The length that the server states; nobody knows that of what it compresses on the way. */
function promisedLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  if (length === null || headers.has("content-encoding") || !/^\d{1,15}$/.test(length)) return undefined;
  return Number(length);
}

function requireChecksum(expected: string | undefined, actual: string): void {
  if (expected === undefined || expected === actual) return;
  throw new BuildError("download-failed", `digest mismatch ${actual}: ${expected}`);
}

function tooLarge(url: string, limit: number): BuildError {
  const message = `Cannot download ${url}: it has more than ${limit} bytes`;
  return new BuildError("download-failed", message);
}
