import type { ContextState, ListingHead } from "../../schemas/contexts.ts";
import { zstdFrame } from "../compression/members.ts";
import { encodeItem, type ListingItem } from "../context/posted-listing.ts";
import { type MadePack, makePacks, type SentFile } from "./make-packs.ts";
import type { CompressBlock } from "./pack-blocks.ts";
import { type Service, ServiceError } from "./service.ts";

/** What is different from an earlier listing. */
export interface ListingChanges {
  /** Digest of the earlier listing. */
  readonly base: string;
  /** In path order. */
  items(): Iterable<ListingItem>;
  /** Paths of items of which nothing but the time is different. */
  readonly retimed?: ReadonlySet<string>;
}

/** A context that lies with the client. */
export interface LocalContext {
  /** Of its listing. May be found out when it is asked for, and then takes a while. */
  readonly digest: string;
  /** All entries, in path order. */
  entries(): Iterable<ListingItem>;
  /** What is different from an earlier listing: what the server knows need not be said again. */
  changes?: ListingChanges | undefined;
  /** Files that have these digests, one for each, in path order. */
  files(digests: readonly string[]): Iterable<SentFile>;
}

export interface UploadProgress {
  /** Files that were missing. */
  files: number;
  /** Bytes of these files, and of those among them that are there now. */
  totalBytes: number;
  doneBytes: number;
  /** Bytes of packs sent so far. */
  sentBytes: number;
}

export interface UploadOptions {
  /** Compresses blocks, on all cores where the platform can. */
  compress: CompressBlock;
  onProgress?: (progress: UploadProgress) => void;
}

/** Packs that travel at the same time. */
const LANES = 4;
/** Smaller ones are not asked for before they are sent. */
const WORTH_ASKING = 256 * 1024;
/** Changed files that have no more bytes than this are sent before the server has said that it lacks them. */
const SENT_UNASKED = 1024 * 1024;
/** The server may forget what it knew between two requests, but not for ever. */
const MOST_ROUNDS = 5;
const LEVEL = 3;

/** What the server made of a listing is not what it was. */
export class ListingMismatchError extends Error {
  override name = "ListingMismatchError";
}

/**
 * Sends what the server lacks of a context: the listing, or what changed in it, and contents that are missing. When it
 * was interrupted, doing it again does not send again what came through.
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
    // The server is about as long at it: the request is to be on its way before.
    new Promise((resolve) => setTimeout(resolve, 2)).then(() => context.digest),
  ]);
  let state = answer;
  for (let round = 1; state.missing.length > 0; round++) {
    if (round > MOST_ROUNDS)
      throw new Error(`Cannot send the context: ${state.missing.length} files do not arrive`);
    await send(state.missing);
    // The server has the listing now: nothing is different from it, but there are packs.
    state = await postListing(service, scope, context, { base: state.digest, items: () => [] }, packs);
  }
  if (state.digest !== context.digest) {
    throw new ListingMismatchError(
      `The server calls the context ${state.digest}, which is ${context.digest} here`,
    );
  }
}

/** Digests of changed files when they are so small that sending them costs less than asking. */
function freshFiles({ changes }: LocalContext): string[] {
  const digests = new Set<string>();
  let bytes = 0;
  for (const item of changes?.items() ?? []) {
    if ("removed" in item || item.digest === undefined || item.size === 0) continue;
    if (changes?.retimed?.has(item.path)) continue;
    digests.add(item.digest);
    bytes += item.size;
    if (bytes > SENT_UNASKED) return [];
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

/** Sends packs while the next ones are made; gives their digests in order. */
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

/** Gives the bytes that were sent: none for a pack that is there from an earlier try. */
async function sendPack(service: Service, scope: string, { digest, bytes }: MadePack): Promise<number> {
  if (bytes.length >= WORTH_ASKING && (await service.hasPack(scope, digest))) return 0;
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
