import { Hono } from "hono";
import { z } from "zod";
import type { BuildInputs } from "../../../schemas/build.ts";
import { type BuildOptions, readOptions } from "../../../schemas/options.ts";
import { type PlanResult, planRequest } from "../../../schemas/plan.ts";
import { contextView } from "../../context/context-view.ts";
import { tableDigest } from "../../context/listing.ts";
import { ListingError } from "../../context/listing-error.ts";
import { parseItem } from "../../context/posted-listing.ts";
import { ContextScope } from "../../context/scope.ts";
import type { LineRange } from "../../dockerfile/instruction.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import { lastContext, requireContexts } from "../../engine/context-scope.ts";
import { ownTags, readImageNames, scopeOf } from "../../engine/export.ts";
import { readInputs } from "../../engine/inputs.ts";
import { type BuildPreview, type PlatformPreview, previewBuild } from "../../engine/preview/preview.ts";
import type { PreviewContext } from "../../engine/preview/preview-context.ts";
import type { World } from "../../engine/world.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { EntryError } from "../../rootfs/entry-error.ts";
import type { EntryTable } from "../../rootfs/entry-table.ts";
import { TableBuilder } from "../../rootfs/table-builder.ts";
import type { Node } from "../../rootfs/tree.ts";
import { splitLines } from "../../streams/lines.ts";
import { NO_BYTES } from "../../streams/sha256.ts";
import { inTurns, spend } from "../../streams/turns.ts";
import { unknownContext } from "../contexts/routes.ts";
import type { App } from "../environment.ts";
import { parseLargeRequestJson } from "../http/parse-json.ts";
import { ProblemError, problemOf } from "../http/problem.ts";
import { readRequestText } from "../http/request-body.ts";
import { offlineWorldOf } from "../world.ts";
import { findingOf } from "./check.ts";

/** Maximum size of a request in bytes: enough for a listing of 200,000 files. */
const MAX_REQUEST = 64 * 1024 * 1024;
const MAX_ENTRIES = 200_000;
/** Cost of reading an entry, in the units of `spend`. */
const ENTRY_COST = 4096;

/** `POST /v1/plan`: predicts what a build would do. Builds, stores and fetches nothing. */
export const plan = new Hono<App>();

plan.post("/", async (c) => {
  const url = new URL(c.req.url);
  const world = offlineWorldOf(c.env, url.host, c.var.access.canPull);
  const request = await readRequest(c.req.raw);
  // As for builds, the caller may use the files and steps of the images in the query only, which the gate has checked.
  const tags = ownTags(readOptions(url.searchParams).tags, url.host);
  const options = { ...readOptions(url.searchParams, request.options), tags };
  const scope = scopeOf(readImageNames(tags));
  await requireContexts(world.store, scope, options.contexts);
  const main = await openMain(world, scope, request);
  const inputs = await inputsOf(request, main, options);
  const contexts = new Map<string | undefined, PreviewContext>();
  if (main !== undefined) contexts.set(undefined, await withoutIgnored(main, inputs.ignore));
  for (const [name, source] of Object.entries(options.contexts)) {
    const named = source.startsWith("sha256:") ? await openKnown(world, scope, source) : undefined;
    if (named !== undefined) contexts.set(name, named);
  }
  const previewed = await previewBuild(inputs, contexts, world);
  const lines = await splitLines(inputs.dockerfile);
  return c.json(resultOf(previewed, inputs, lines, request.listing && main?.digest));
});

/** A plan request whose listing is not parsed yet, because it is read entry by entry. */
const requestBody = planRequest.extend({ listing: z.array(z.unknown()).max(MAX_ENTRIES).optional() });
type RequestBody = z.infer<typeof requestBody>;

async function readRequest(request: Request): Promise<RequestBody> {
  const text = await readRequestText(request, MAX_REQUEST);
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return { dockerfile: text };
  const body = await parseLargeRequestJson(text);
  requireListing((body as { listing?: unknown } | null)?.listing);
  return requestBody.parse(body);
}

/** Limits the number of entries before the schema checks each of them. @throws {ProblemError} */
function requireListing(listing: unknown): void {
  if (!Array.isArray(listing) || listing.length <= MAX_ENTRIES) return;
  throw new ProblemError("listing-invalid", {
    detail: `Cannot plan: the listing has more than ${MAX_ENTRIES} entries`,
  });
}

/** The build context: the listing in the request, or a stored context of the scope. */
async function openMain(
  world: World,
  scope: string,
  request: RequestBody,
): Promise<PreviewContext | undefined> {
  const ignore: string[] = [];
  if (request.listing !== undefined) {
    const tree = await readListing(request.listing);
    return {
      digest: await inTurns(tableDigest(tree)),
      ignore,
      tree,
      isUploaded: await uploadedFiles(world, scope),
    };
  }
  if (request.context === undefined) return undefined;
  const known = await openKnown(world, scope, request.context);
  if (known !== undefined) return known;
  const listing = await new ContextScope(world.store, scope).openListing(request.context);
  if (listing === undefined) throw unknownContext(request.context);
  return {
    digest: listing.digest,
    ignore,
    tree: listing.tree,
    isUploaded: await uploadedFiles(world, scope),
  };
}

async function openKnown(world: World, scope: string, digest: string): Promise<PreviewContext | undefined> {
  const context = await new ContextScope(world.store, scope).openContext(digest);
  return context && { digest, ignore: [], tree: context.tree, isUploaded: () => true };
}

/** Returns whether a file is part of the last context of the scope, by digest. */
async function uploadedFiles(world: World, scope: string): Promise<(digest: string) => boolean> {
  const last = await lastContext(world, scope);
  // An empty file never needs an upload.
  const digests = new Set([NO_BYTES]);
  for (const { node } of last?.tree.placed() ?? []) {
    const turn = spend(ENTRY_COST);
    if (turn !== undefined) await turn;
    if (node.type === "file" && node.digest !== undefined) digests.add(node.digest);
  }
  return (digest) => digests.has(digest);
}

/** @throws {ProblemError} */
async function readListing(entries: readonly unknown[]): Promise<EntryTable> {
  const builder = new TableBuilder({ maxEntries: MAX_ENTRIES });
  try {
    const links: Node[] = [];
    for (const entry of entries) {
      const turn = spend(ENTRY_COST);
      if (turn !== undefined) await turn;
      const item = parseItem(JSON.stringify(entry));
      if ("removed" in item) continue;
      // Add hard links last, so that their targets exist.
      if (item.type === "hardlink") links.push(item);
      else builder.add(item);
    }
    for (const link of links) builder.add(link);
    return await inTurns(builder.finishInPieces());
  } catch (error) {
    if (!(error instanceof ListingError || error instanceof EntryError)) throw error;
    throw new ProblemError("listing-invalid", {
      detail: error.message,
    });
  }
}

/** Inputs of the planned build. A Dockerfile or ignore file without contents must be in the request. */
async function inputsOf(
  { dockerfile, ignore }: RequestBody,
  main: PreviewContext | undefined,
  options: BuildOptions,
): Promise<BuildInputs> {
  const tree = main?.tree ?? new TableBuilder().finish();
  const context = { digest: main?.digest ?? "", tree };
  const isReadable = (path: string) => tree.lookup(path)?.contents !== undefined;
  const name = options.dockerfile;
  if (dockerfile === undefined && tree.lookup(name) !== undefined && !isReadable(name)) {
    throw new ProblemError("dockerfile-missing", {
      detail: `Cannot read "${name}": only its digest is known`,
      hint: "Send its text as dockerfile.",
    });
  }
  const hasIgnoreFile = isReadable(`${name}.dockerignore`) || isReadable(".dockerignore");
  const ignored = ignore ?? (hasIgnoreFile ? undefined : "");
  return readInputs({ context, dockerfile, ...(ignored !== undefined && { ignore: ignored }) }, options);
}

async function withoutIgnored(context: PreviewContext, patterns: readonly string[]): Promise<PreviewContext> {
  try {
    return { ...context, tree: await contextView(context.tree, { ignore: patterns }) };
  } catch (error) {
    // The plan reports this error.
    if (error instanceof PatternError) return context;
    throw error;
  }
}

function resultOf(
  { findings, error, platforms }: BuildPreview,
  { dockerfile: text, dockerfileName: name }: BuildInputs,
  lines: readonly string[],
  context?: string,
): PlanResult {
  return {
    findings: findings.map((finding) => findingOf(finding, name, lines)),
    ...(error && { problem: problemOf(error, { name, text }) }),
    platforms: platforms.map((platform) => platformOf(platform, lines)),
    ...(context !== undefined && { context }),
  };
}

function platformOf({ plan: planned, steps }: PlatformPreview, lines: readonly string[]) {
  const imageId = (index: number) => `image-${index}`;
  return {
    platform: formatPlatform(planned.platform),
    stages: planned.graph.stages.map(({ name, from, lines: range, endLine, needed, target }, index) => ({
      index,
      name,
      from,
      range: rangeOf(range, lines),
      endLine,
      needed,
      target,
    })),
    images: planned.images.map(({ reference, digest }, index) => ({
      id: imageId(index),
      reference,
      ...(digest !== "" && { digest }),
    })),
    edges: planned.graph.edges.map(({ kind, from, to, lines: range }) => ({
      kind,
      from: "image" in from ? { image: imageId(from.image) } : from,
      to,
      range: rangeOf(range, lines),
    })),
    steps: steps.map((step) => ({ ...step, range: rangeOf(step.lines, lines) })),
  };
}

/** The range from the first to the last character of some lines. */
function rangeOf({ start, end }: LineRange, lines: readonly string[]) {
  const first = lines[start - 1] ?? "";
  const last = lines[end - 1] ?? "";
  return {
    line: start,
    column: first.length - first.trimStart().length + 1,
    endLine: end,
    endColumn: Math.max(1, last.trimEnd().length),
  };
}
