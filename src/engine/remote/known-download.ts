import { readHttpTime } from "./http-time.ts";

/** The validators of the last download of a URL: a JSON value in the build cache. */
export interface KnownDownload {
  /** Name of the stored tree with the file. */
  tree: string;
  /** `sha256:<hex>` of the file. */
  digest: string;
  /** Bytes. */
  size: number;
  /** The entity tag, without the prefix of a weak one. */
  etag?: string;
  /** The Last-Modified header. */
  modified?: string;
  /** Whether `modified` was old enough to act as a strong validator (RFC 9110 section 8.8.2.2). */
  settled?: true;
}

const MINUTE = 60;

/** The validators of a response; undefined when it has none. */
export function knownDownload(
  headers: Headers,
  file: Pick<KnownDownload, "tree" | "digest" | "size">,
): KnownDownload | undefined {
  const etag = etagOf(headers);
  const modified = headers.get("last-modified") ?? undefined;
  const time = readHttpTime(modified ?? null);
  const sent = readHttpTime(headers.get("date"));
  const settled = time !== undefined && sent !== undefined && sent - time >= MINUTE;
  if (etag === undefined && !settled) return undefined;
  return { ...file, ...(etag && { etag }), ...(modified && { modified }), ...(settled && { settled }) };
}

/** The headers of a conditional request. */
export function conditions({ etag, modified, settled }: KnownDownload): Record<string, string> {
  if (etag !== undefined) return { "if-none-match": etag };
  return settled && modified !== undefined ? { "if-modified-since": modified } : {};
}

/**
 * Whether a response to a conditional request means that the file is unchanged. Some servers send the file again with
 * the same entity tag.
 */
export function isUnchanged(known: KnownDownload, response: Response): boolean {
  if (response.status === 304) return true;
  return response.status === 200 && known.etag !== undefined && etagOf(response.headers) === known.etag;
}

function etagOf(headers: Headers): string | undefined {
  return headers.get("etag")?.replace(/^W\//, "") || undefined;
}
