import { type Context, Hono } from "hono";
import { compareQuery } from "../../../schemas/comparison.ts";
import {
  type Efficiency,
  type ImageHistory,
  type ImageList,
  imageListQuery,
  type LoadResult,
  platformQuery,
  type TagResult,
  type UntagResult,
} from "../../../schemas/images.ts";
import { formatImageName, readImageNames } from "../../engine/export.ts";
import { compareImages } from "../../images/compare.ts";
import { efficiencyOf } from "../../images/efficiency.ts";
import { openImage } from "../../images/image.ts";
import { inspectImage, tagsOf } from "../../images/inspect.ts";
import { historyRows } from "../../images/layers.ts";
import { listImages } from "../../images/list.ts";
import { loadImages } from "../../images/load.ts";
import { tagImage } from "../../images/tag-image.ts";
import { isDigest } from "../../oci/digest.ts";
import { displayRepository, type ImageName, readRepository } from "../../registry/names.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { kvCache } from "../../store/kv-cache.ts";
import { inTurns } from "../../streams/turns.ts";
import { archiveReceivers, layerCompressors } from "../builds/layer-segments.ts";
import type { App } from "../environment.ts";
import { ProblemError } from "../http/problem.ts";
import { sentArchive } from "../http/uploaded-body.ts";
import { storeOf } from "../store.ts";
import { serveArchive } from "./archive.ts";
import { openFiles, serveFiles } from "./files.ts";
import { type ImagePath, parseImagePath } from "./path.ts";

/** `/v1/images` and its subpaths: the contents of repositories as images. */
export const images = new Hono<App>();

images.get("/", async (c) => {
  const { name, ...query } = imageListQuery.parse(c.req.query());
  const { images: found, next } = await listImages(storeOf(c.env), kvCache(c.env.CACHE), {
    ...query,
    ...(name !== undefined && { name: readRepository(name, hostOf(c)) }),
    isVisible: c.var.access.canPull,
  });
  const shown = found.map((image) => ({ ...image, name: displayRepository(image.name) }));
  return c.json({ images: shown, ...(next !== undefined && { next }) } satisfies ImageList);
});

images.get("/archive", (c) => serveArchive(storeOf(c.env), undefined, c.req.raw));

images.get("/*", (c) => {
  const path = pathOf(c);
  switch (path.action) {
    case "inspect":
      return inspect(c, path);
    case "history":
      return history(c, path);
    case "files":
      return serveFiles(storeOf(c.env), path, c.req.raw);
    case "archive":
      return serveArchive(storeOf(c.env), path, c.req.raw);
    case "efficiency":
      return efficiency(c, path);
    case "compare":
      return compare(c, path);
    default:
      throw noSuchRoute(c);
  }
});

images.post("/load", async (c) => {
  const { access } = c.var;
  const authorize = (name: string) => access.require({ right: "push", repositories: [name] });
  const names = readImageNames(tagsOfQuery(c), hostOf(c));
  // The archive is stored before its names are known.
  access.requirePushSome();
  for (const { repository } of names) authorize(repository);
  const loaded = await loadImages(storeOf(c.env), sentArchive(c.req.raw), {
    newReceiver: archiveReceivers(c.env),
    newCompressor: layerCompressors(c.env),
    names,
    readName: (text) => readImageNames([text], hostOf(c))[0] as ImageName,
    unnamed: "builds",
    authorize,
  });
  const shown = loaded.images.map((image) => ({ ...image, name: displayRepository(image.name) }));
  return c.json({ images: shown } satisfies LoadResult, 201);
});

images.post("/*", async (c) => {
  const { action, name, reference } = pathOf(c);
  if (action !== "tags") throw noSuchRoute(c);
  const names = readImageNames(tagsOfQuery(c), hostOf(c));
  if (names.length === 0) {
    throw new ProblemError("name-missing", {
      detail: "Cannot tag an image without a name",
      hint: "Add it to the query: ?t=team/app:1.2",
    });
  }
  const { digest } = await tagImage(storeOf(c.env), { name, reference }, names);
  return c.json({ digest, tags: names.map(formatImageName) } satisfies TagResult, 201);
});

images.delete("/*", async (c) => {
  const { action, name, reference } = pathOf(c);
  if (action !== "inspect") throw noSuchRoute(c);
  const store = storeOf(c.env);
  const registry = new StoreRegistry(store);
  if (!isDigest(reference)) {
    await registry.deleteTag(name, reference);
    return c.json({
      untagged: [formatImageName({ repository: name, tag: reference })],
      deleted: [],
    } satisfies UntagResult);
  }
  const tags = await tagsOf(store, name, reference);
  await registry.deleteManifest(name, reference);
  const untagged = tags.map((tag) => formatImageName({ repository: name, tag }));
  return c.json({ untagged, deleted: [reference] } satisfies UntagResult);
});

async function inspect(c: Context<App>, { name, reference }: ImagePath): Promise<Response> {
  const { platform } = platformQuery.parse(c.req.query());
  const inspection = await inspectImage(storeOf(c.env), name, reference, platform);
  return c.json({ ...inspection, name: displayRepository(name) });
}

async function history(c: Context<App>, { name, reference }: ImagePath): Promise<Response> {
  const { platform: wanted } = platformQuery.parse(c.req.query());
  const { descriptor, manifest, config, platform } = await openImage(storeOf(c.env), name, reference, wanted);
  const rows = historyRows(manifest, config);
  const shown = { name: displayRepository(name), digest: descriptor.digest, platform };
  return c.json({ ...shown, history: rows } satisfies ImageHistory);
}

async function efficiency(c: Context<App>, { name, reference }: ImagePath): Promise<Response> {
  const store = storeOf(c.env);
  const image = await openImage(store, name, reference, platformQuery.parse(c.req.query()).platform);
  const { descriptor, platform } = image;
  const measured = await inTurns(efficiencyOf(await openFiles(store, image)));
  const shown = { name: displayRepository(name), digest: descriptor.digest, platform };
  return c.json({ ...shown, ...measured } satisfies Efficiency);
}

async function compare(c: Context<App>, { name, reference, other }: ImagePath): Promise<Response> {
  const store = storeOf(c.env);
  const { platform, n } = compareQuery.parse(c.req.query());
  const before = await openImage(store, name, reference, platform);
  const after = await openImage(store, other?.name ?? name, other?.reference ?? "", platform);
  const [old, now] = [await openFiles(store, before), await openFiles(store, after)];
  const compared = compareImages({ image: before, tree: old.tree() }, { image: after, tree: now.tree() }, n);
  return c.json(await inTurns(compared));
}

/** Parsed as in the access decision. */
function tagsOfQuery(c: Context<App>): string[] {
  return new URL(c.req.url).searchParams.getAll("t");
}

/** The host in the URL of the request. */
function hostOf(c: Context<App>): string {
  return new URL(c.req.url).host;
}

function pathOf(c: Context<App>): ImagePath {
  const path = parseImagePath(new URL(c.req.url).pathname.slice("/v1/images".length), hostOf(c));
  if (path === undefined) throw noSuchRoute(c);
  return path;
}

function noSuchRoute(c: Context<App>): ProblemError {
  return new ProblemError("no-such-route", {
    detail: `Cannot ${c.req.method} ${c.req.path}`,
    hint: "The path of an image is /v1/images/<name>/<tag or digest>.",
  });
}
