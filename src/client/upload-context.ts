import type { ContextState, ListingHead } from "../../schemas/contexts.ts";
import { zstdFrame } from "../compression/members.ts";
import { encodeItem, type ListingItem } from "../context/posted-listing.ts";
import { pause } from "../streams/pause.ts";
import { type MadePack, makePacks, type SentFile } from "./make-packs.ts";
import type { CompressBlock } from "./pack-blocks.ts";
import { type Service, ServiceError } from "./service.ts";

/** Differences from an earlier listing. */
export interface ListingChanges {
  /** Digest of the earlier listing. */
  readonly base: string;
  /** In path order. */
  items(): Iterable<ListingItem>;
  /** Paths of items that differ only in their time. */
  readonly retimed?: ReadonlySet<string>;
}

/** A context of the client. */
export interface LocalContext {
  /** Digest of its listing. The getter may compute it, which takes a while. */
  readonly digest: string;
  /** All entries, in path order. */
  entries(): Iterable<ListingItem>;
  /** Differences from an earlier listing that the server has. */
  changes?: ListingChanges | undefined;
  /** One file for each of these digests, in path order. */
  files(digests: readonly string[]): Iterable<SentFile>;
}

export interface UploadProgress {
  /** Number of files that the server lacked. */
  files: number;
  /** Bytes of these files: all, and those uploaded so far. */
  totalBytes: number;
  doneBytes: number;
  /** Bytes of packs sent so far. */
  sentBytes: number;
}

interface UploadOptions {
  /** Compresses blocks, on all cores where the runtime can. */
  compress: CompressBlock;
  onProgress?: (progress: UploadProgress) => void;
}

/** Packs that are uploaded at the same time. */
const LANES = 4;
/** Packs of at least this size are uploaded only after checking that the server lacks them. */
const MIN_CHECKED_PACK = 256 * 1024;
/** Changed files of at most this size together are uploaded without waiting for the server's list of missing files. */
const MAX_UNREQUESTED = 1024 * 1024;
/** The server may lose state between two requests, but not every time. */
const MAX_ROUNDS = 5;
const LEVEL = 3;

/**
 * Sends the parts of a context that the server lacks: the listing or its changes, and missing contents. After an
 * interruption, a second call sends only the rest.
 */
export async function uploadContext(
  service: Service,
  scope: string,
  context: LocalContext,
  { compress, onProgress = () => {} }: UploadOptions,
): Promise<void> {
  const progress: UploadProgress = { files: 0, totalBytes: 0, doneBytes: 0, sentBytes: 0 };
  const packs: string[] = [];
  const send = async (digests: readonly string[]) => {
    progress.files += digests.length;
    for (const { size } of context.files(digests)) progress.totalBytes += size;
    onProgress(progress);
    const made = makePacks(context.files(digests), compress);
    const sent = await sendPacks(service, scope, made, ({ contentBytes }, bytes) => {
      progress.doneBytes += contentBytes;
      progress.sentBytes += bytes;
      onProgress(progress);
    });
    packs.push(...sent);
  };
  const fresh = freshFiles(context);
  if (fresh.length > 0) await send(fresh);
  const [answer] = await Promise.all([
    postListing(service, scope, context, context.changes, packs),
    // The server needs about as long for its digest, so the request goes out first.
    pause(2).then(() => context.digest),
  ]);
  let state = answer;
  for (let round = 1; state.missing.length > 0; round++) {
    if (round > MAX_ROUNDS)
      throw new Error(
        `Cannot send the context: the server still lacks ${state.missing.length} files after ${MAX_ROUNDS} attempts`,
      );
    await send(state.missing);
    // The server has the listing now, so only the new packs are posted.
    state = await postListing(service, scope, context, { base: state.digest, items: () => [] }, packs);
  }
  if (state.digest !== context.digest) {
    throw new Error(
      `The server computed the digest ${state.digest} for the context instead of ${context.digest}`,
    );
  }
}

/** Digests of changed files, if they are so small that sending them costs less than a request. */
function freshFiles({ changes }: LocalContext): string[] {
  const digests = new Set<string>();
  let bytes = 0;
  for (const item of changes?.items() ?? []) {
    if ("removed" in item || item.digest === undefined || item.size === 0) continue;
    if (changes?.retimed?.has(item.path)) continue;
    digests.add(item.digest);
    bytes += item.size;
    if (bytes > MAX_UNREQUESTED) return [];
  }
  return [...digests];
}

async function postListing(
  service: Service,
  scope: string,
  context: LocalContext,
  changes: LocalContext["changes"],
  packs: readonly string[],
): Promise<ContextState> {
  try {
    const head: ListingHead = { ...(changes && { base: changes.base }), packs: [...packs] };
    return await service.postListing(scope, encodeListing(head, changes?.items() ?? context.entries()));
  } catch (error) {
    if (changes === undefined || !isBaseUnknown(error)) throw error;
    return postListing(service, scope, context, undefined, packs);
  }
}

/** Sends packs while the next ones are made. @returns their digests in order */
async function sendPacks(
  service: Service,
  scope: string,
  packs: AsyncIterable<MadePack>,
  sent: (pack: MadePack, bytes: number) => void,
): Promise<string[]> {
  const digests: string[] = [];
  const lanes = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const pack of packs) {
    digests.push(pack.digest);
    const lane = sendPack(service, scope, pack)
      .then((bytes) => sent(pack, bytes))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => lanes.delete(lane));
    lanes.add(lane);
    if (lanes.size === LANES) await Promise.race(lanes);
    if (failure !== undefined) break;
  }
  await Promise.all(lanes);
  if (failure !== undefined) throw failure.error;
  return digests;
}

/** @returns the sent bytes: 0 for a pack that the server has from an earlier attempt */
async function sendPack(service: Service, scope: string, { digest, bytes }: MadePack): Promise<number> {
  if (bytes.length >= MIN_CHECKED_PACK && (await service.hasPack(scope, digest))) return 0;
  await service.putPack(scope, digest, bytes);
  return bytes.length;
}

function encodeListing(head: ListingHead, items: Iterable<ListingItem>): Uint8Array {
  const lines = [JSON.stringify(head)];
  for (const item of items) lines.push(encodeItem(item));
  return zstdFrame(new TextEncoder().encode(`${lines.join("\n")}\n`), LEVEL);
}

function isBaseUnknown(error: unknown): boolean {
  return error instanceof ServiceError && error.problem.code === "base-unknown";
}
