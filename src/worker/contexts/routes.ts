import { Hono } from "hono";
import { type ContextState, type ListingHead, listingHead } from "../../../schemas/contexts.ts";
import { decompress } from "../../compression/decompress.ts";
import { CompressionError } from "../../compression/error.ts";
import { AvailableFiles } from "../../context/available-files.ts";
import type { Context } from "../../context/context.ts";
import type { FinishedDraft } from "../../context/context-draft.ts";
import { ListingError } from "../../context/listing-error.ts";
import { PackError } from "../../context/pack-error.ts";
import { type ListingBase, readListing } from "../../context/read-listing.ts";
import { ContextScope } from "../../context/scope.ts";
import { keepContext, lastContext, rememberContext } from "../../engine/context-scope.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import type { World } from "../../engine/world.ts";
import { parseJson } from "../../streams/json.ts";
import { LineError, lineBatches } from "../../streams/lines.ts";
import { readable } from "../../streams/readable.ts";
import { scopeParameter } from "../access/requirement.ts";
import type { App } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { storeOf } from "../store.ts";
import { worldOf } from "../world.ts";

/** Maximum size of a decompressed listing in bytes. */
const MAX_LISTING = 512 * 1024 * 1024;
/** Maximum number of connections that a Worker may have open. */
const GETS_AT_ONCE = 6;
/** Maximum number of files in all packs of a listing. */
const MAX_PACKED_FILES = 1_000_000;

/** `/v1/contexts` and its subpaths: contexts that are sent as listings. */
export const contexts = new Hono<App>();

contexts.post("/", async (c) => {
  const world = worldOf(c.env, new URL(c.req.url).host, c.var.access.canPull);
  const name = readScope(new URL(c.req.url));
  const scope = new ContextScope(world.store, name);
  const draft = await readDraft(c.req.raw, world, name, scope);
  const { digest, missing } = draft;
  if (missing.length > 0) {
    // The context may be stored already: files that the last context lacks may be in it.
    if ((await scope.openContext(digest)) !== undefined) {
      await rememberContext(world, name, digest);
      return c.json({ digest, missing: [] } satisfies ContextState);
    }
    await scope.saveListing(draft);
  } else {
    await keepContext(world, name, draft);
  }
  return c.body(readable(stateText(digest, missing)), 200, { "content-type": "application/json" });
});

/** Reads a listing. A separate function, so that the contexts that it reads do not stay in memory. @throws {ProblemError} */
async function readDraft(
  request: Request,
  world: World,
  name: string,
  scope: ContextScope,
): Promise<FinishedDraft> {
  const { head, lines } = await readHead(request);
  const { base, files } = await openKnown(world, name, scope, head);
  return asProblem(async () => {
    const draft = await readListing(world.store, files, base, lines);
    // Also while other files are missing: a later listing takes them from this one.
    await files.verifyJoined(world.store);
    return draft;
  });
}

/** Digests per chunk of a response. */
const BATCH = 4096;

/** A `ContextState` as JSON, in chunks: half a million digests have 37 MB. */
function* stateText(digest: string, missing: readonly string[]): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`{"digest":"${digest}","missing":[`);
  for (let from = 0; from < missing.length; from += BATCH) {
    const batch = JSON.stringify(missing.slice(from, from + BATCH)).slice(1, -1);
    yield encoder.encode(from === 0 ? batch : `,${batch}`);
  }
  yield encoder.encode("]}");
}

contexts.get("/:digest", async (c) => {
  const store = storeOf(c.env);
  const scope = new ContextScope(store, readScope(new URL(c.req.url)));
  const digest = readDigest(c.req.param("digest"));
  const headers = { "content-type": "application/x-ndjson", etag: `"${digest}"` };
  if (c.req.method === "HEAD" && (await scope.hasContext(digest))) return c.body(null, 200, headers);
  const context = await scope.openContext(digest);
  if (context === undefined) throw unknownContext(digest);
  return c.body(readable(context.tree.listingChunks()), 200, headers);
});

/** The scope of a request. Images of one repository share their contexts. */
export function readScope(url: URL): string {
  const name = scopeParameter(url);
  return scopeOf(readImageNames(name ? [name] : [], url.host));
}

/** @throws {ProblemError} */
export function readDigest(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new ProblemError("digest-invalid", {
    detail: `Cannot read "${text}" as a digest: it is not sha256: and 64 hexadecimal digits`,
  });
}

export function unknownContext(digest: string): ProblemError {
  return new ProblemError("context-unknown", {
    detail: `Cannot find the context ${digest}: it was not sent for this image`,
    hint: "Send its listing to /v1/contexts.",
  });
}

export function unknownPack(digest: string): ProblemError {
  return new ProblemError("pack-unknown", {
    detail: `Cannot find the pack ${digest}: it was not uploaded for this image`,
    hint: "PUT it to /v1/packs/<digest> with the same scope.",
  });
}

/** The head of a listing, if its first line is one, and the other lines. */
async function readHead(request: Request): Promise<{ head: ListingHead; lines: AsyncIterable<string[]> }> {
  const { body } = await asProblem(() => decompress(readRequestBody(request), { maxBytes: MAX_LISTING }));
  const batches = lineBatches(body, 64 * 1024);
  const { value: first = [] } = await asProblem(() => batches.next());
  const [line] = first;
  const head = line?.startsWith("{") ? listingHead.parse(parseHead(line)) : {};
  return {
    head,
    lines: (async function* () {
      yield line?.startsWith("{") ? first.slice(1) : first;
      yield* batches;
    })(),
  };
}

/** @throws {ProblemError} */
function parseHead(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    throw invalidListing(`Cannot read the first line of the listing: ${(error as Error).message}`);
  }
}

/** @throws {ProblemError} for a base or a pack that was not uploaded for this scope */
async function openKnown(
  world: World,
  name: string,
  scope: ContextScope,
  { base: digest, packs = [] }: ListingHead,
): Promise<{ base: ListingBase | undefined; files: AvailableFiles }> {
  const last = await lastContext(world, name);
  let base: ListingBase | undefined;
  if (digest !== undefined) {
    base = await openBase(scope, digest, last);
    if (base === undefined) {
      throw new ProblemError("base-unknown", {
        detail: `Cannot apply a listing to its base ${digest}: that context was not sent for this image`,
        hint: "Send the whole listing, without a base.",
      });
    }
  }
  const others = last === undefined || last === base?.context ? [] : [last];
  const files = new AvailableFiles(base?.context, ...others);
  let packedFiles = 0;
  for (let i = 0; i < packs.length; i += GETS_AT_ONCE) {
    const batch = packs.slice(i, i + GETS_AT_ONCE);
    const headers = await Promise.all(batch.map((pack) => scope.openPack(pack)));
    for (const [at, header] of headers.entries()) {
      const pack = batch[at] as string;
      if (header === undefined) throw unknownPack(pack);
      packedFiles += header.files.length;
      if (packedFiles > MAX_PACKED_FILES)
        throw invalidPack(`The packs have more than ${MAX_PACKED_FILES} files`);
      files.addPack(pack, header);
    }
  }
  return { base, files };
}

async function openBase(
  scope: ContextScope,
  digest: string,
  last: Context | undefined,
): Promise<ListingBase | undefined> {
  if (last?.digest === digest) return { context: last, isComplete: true };
  const listing = await scope.openListingEntries(digest);
  if (listing !== undefined) return { context: listing, isComplete: false };
  const context = await scope.openContext(digest);
  return context && { context, isComplete: true };
}

/** Converts errors about a listing to problems. */
async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ListingError) throw invalidListing(error.message);
    if (error instanceof CompressionError || error instanceof LineError) {
      throw invalidListing(`Cannot read the listing: ${error.message}`);
    }
    if (error instanceof PackError) throw invalidPack(error.message);
    throw error;
  }
}

function invalidListing(detail: string): ProblemError {
  return new ProblemError("listing-invalid", {
    detail,
    hint: "docs/http.md describes the format of listings.",
  });
}

export function invalidPack(detail: string): ProblemError {
  return new ProblemError("pack-invalid", { detail });
}
