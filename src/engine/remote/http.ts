import { createHash } from "node:crypto";
import type { Node, Tree } from "../../rootfs/tree.ts";
import type { CacheStore } from "../../store/cache-store.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import { BuildError } from "../errors.ts";
import type { HttpSource } from "../plan/step.ts";
import { joinCredentials } from "../url-credentials.ts";
import { readHttpTime } from "./http-time.ts";
import { conditions, isUnchanged, type KnownDownload, knownDownload } from "./known-download.ts";
import type { PackFiles, StoredFile, StoredTree } from "./pack-files.ts";
import { fetchRemote, type RemoteAccess, readDownload } from "./remote-access.ts";

interface DownloadOptions {
  /** Receives the file. */
  files: PackFiles;
  /** Opens the tree of an earlier download. */
  open(digest: string): Promise<StoredTree | undefined>;
  /** Stores validators of URLs, so that unchanged files are not downloaded again. */
  cache: CacheStore;
  /** Maximum number of accepted bytes; 8 GiB by default. */
  limit?: number;
}

/** A downloaded file. */
export interface Download extends StoredFile {
  /**
   * A tree with one file, named by the source: mode 0600, owned by root, with the time of the `Last-Modified` header or else
   * 1970-01-01.
   */
  tree: Tree;
  /** Digest of the context under which the tree is stored. */
  context: string;
  /** Whether the file is unchanged and was not downloaded again. */
  unchanged: boolean;
}

const DEFAULT_MAX_BYTES = 8 * 2 ** 30;
/** Seconds for which the build cache keeps records of remote sources. */
export const REMOTE_CACHE_TTL_S = 30 * 24 * 3600;

/**
 * Downloads a URL as a file. Ignores the file name that the server suggests, and verifies the checksum before it returns.
 * @throws {BuildError}
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
  const key = `http/${sha256Hex(JSON.stringify([url, authorization ?? ""]))}`;
  const known = (await cache.get<KnownDownload>([key])).get(key);
  // Only the SHA-256 of an earlier download is known.
  const isComparable = checksum === undefined || checksum.startsWith("sha256:");
  const earlier = known && isComparable ? await earlierDownload(source, known, options) : undefined;
  if (earlier !== undefined && earlier.digest === checksum) return earlier;

  const response = await fetchRemote(access, url, {
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
  const tree = await files.tree(fileNode(source, file, response.headers));
  const validators = knownDownload(response.headers, { ...file, tree: tree.digest });
  if (validators !== undefined) await cache.put(new Map([[key, validators]]), REMOTE_CACHE_TTL_S);
  return { ...file, tree: tree.tree, context: tree.digest, unchanged: false };
}

/** The earlier download, if its tree is still stored under this name. */
async function earlierDownload(
  { name }: HttpSource,
  { tree, digest, size }: KnownDownload,
  { open }: DownloadOptions,
): Promise<Download | undefined> {
  const stored = await open(tree);
  if (stored?.tree.lookup(name)?.digest !== digest) return undefined;
  return { digest, size, tree: stored.tree, context: tree, unchanged: true };
}

async function* fileNode(
  { name }: HttpSource,
  { digest, size }: StoredFile,
  headers: Headers,
): AsyncGenerator<Node, void, undefined> {
  const mtime = readHttpTime(headers.get("last-modified")) ?? 0;
  yield { path: name, type: "file", mode: 0o600, uid: 0, gid: 0, mtime, size, digest };
}

/** Stores the body of a response and verifies its length and checksum. */
async function store(
  source: HttpSource,
  access: RemoteAccess,
  response: Response,
  { files, limit = DEFAULT_MAX_BYTES }: DownloadOptions,
): Promise<StoredFile> {
  const { url, checksum } = source;
  const promised = promisedLength(response.headers);
  if (promised !== undefined && promised > limit) {
    await response.body?.cancel();
    throw tooLarge(url, limit);
  }
  // The store computes SHA-256; other algorithms are computed here.
  const algorithm = checksum?.slice(0, checksum.indexOf(":")) ?? "sha256";
  const hash = algorithm === "sha256" ? undefined : createHash(algorithm);
  let size = 0;
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of readDownload(access, url, response)) {
      size += chunk.length;
      if (size > limit) throw tooLarge(url, limit);
      hash?.update(chunk);
      yield chunk;
    }
    if (promised === undefined || promised === size) return;
    const message = `Cannot download ${url}: received ${size} bytes instead of ${promised}`;
    throw new BuildError("download-failed", message);
  }
  const stored = await files.add(body());
  requireChecksum(checksum, hash === undefined ? stored.digest : `${algorithm}:${hash.digest("hex")}`);
  return stored;
}

/** The length in the headers; undefined for a body with a content encoding. */
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
