import { readHttpTime } from "./http-time.ts";

/** What was at a URL when it was downloaded last: a JSON value of the build cache. */
export interface KnownDownload {
  /** Names the stored tree that has the file. */
  tree: string;
  /** `sha256:<hex>` of the file. */
  digest: string;
  /** Bytes. */
  size: number;
  /** The entity tag, without the mark of a weak one. */
  etag?: string;
  /** The Last-Modified header. */
  modified?: string;
  /** `modified` was old enough then to be told from a later change (RFC 9110 section 8.8.2.2). */
  settled?: true;
}

const MINUTE = 60;

/** What to remember of an answer and the file that came with it; undefined when nothing in it can tell whether the file changes. */
export function knownDownload(
  headers: Headers,
  file: Pick<KnownDownload, "tree" | "digest" | "size">,
): KnownDownload | undefined {
  const etag = etagOf(headers);
  const modified = headers.get("last-modified") ?? undefined;
  const time = readHttpTime(modified ?? null);
  const answered = readHttpTime(headers.get("date"));
  const settled = time !== undefined && answered !== undefined && answered - time >= MINUTE;
  if (etag === undefined && !settled) return undefined;
  return { ...file, ...(etag && { etag }), ...(modified && { modified }), ...(settled && { settled }) };
}

/** The headers that ask for a file only if it is another one now. */
export function conditions({ etag, modified, settled }: KnownDownload): Record<string, string> {
  if (etag !== undefined) return { "if-none-match": etag };
  return settled && modified !== undefined ? { "if-modified-since": modified } : {};
}

/**
 * Whether an answer to a request with those headers says that the file is what it was. Some servers send the file
 * again, with the entity tag that it had.
 */
export function isUnchanged(known: KnownDownload, response: Response): boolean {
  if (response.status === 304) return true;
  return response.status === 200 && known.etag !== undefined && etagOf(response.headers) === known.etag;
}

function etagOf(headers: Headers): string | undefined {
  return headers.get("etag")?.replace(/^W\//, "") || undefined;
}
