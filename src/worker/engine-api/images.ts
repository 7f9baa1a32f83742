import type { ImageInspection } from "../../../schemas/images.ts";
import type { Usage } from "../../../schemas/usage.ts";
import { formatImageName, readImageNames } from "../../engine/export.ts";
import { type DockerImage, dockerImages, shownDigest } from "../../engine-api/docker-images.ts";
import {
  historyDocument,
  type ImageNames,
  imageDocument,
  imageEntries,
  usageDocument,
} from "../../engine-api/documents.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { type CreatedBetween, filterImages, parseListFilters, readTime } from "../../engine-api/filters.ts";
import { type LocatedImage, namesOfImage } from "../../engine-api/find-image.ts";
import { type SizedLayer, sizesOfImages } from "../../engine-api/layer-sizes.ts";
import { removeImage } from "../../engine-api/remove-image.ts";
import { type Image, openImage } from "../../images/image.ts";
import { ImageError } from "../../images/image-error.ts";
import { inspectImage } from "../../images/inspect.ts";
import { tagImage } from "../../images/tag-image.ts";
import { unpackedSizes } from "../../images/unpacked-size.ts";
import { chainId } from "../../oci/chain-id.ts";
import { RegistryError } from "../../registry/errors.ts";
import { displayRepository } from "../../registry/names.ts";
import { sum } from "../../streams/sum.ts";
import { currentUsage } from "../operation/prune.ts";
import { type Engine, emptyEngineAnswer, engineJson, targetOf } from "./engine.ts";
import { parseEngineReference } from "./registries.ts";

/** Maximum number of bytes of compressed layers that one list reads to find the sizes of pushed images. */
const MAX_READ = 256 * 2 ** 20;

/** `GET /images/json` */
export async function serveImageList(engine: Engine): Promise<Response> {
  const known = ["before", "dangling", "label", "reference", "since", "until"];
  const filters = parseListFilters(engine.query.get("filters"), known);
  // Filter of API versions before 1.25.
  const old = engine.query.get("filter");
  const all = new Map(filters);
  if (old && !filters.has("reference")) all.set("reference", [old]);
  const references = all.get("reference")?.map((pattern) => ownPattern(pattern, engine.url.host));
  if (references !== undefined) all.set("reference", references);
  const everything = await dockerImages(engine.findOptions);
  const images = filterImages(everything, all, await bounds(engine, filters));
  const hasShared = ["1", "true"].includes(engine.query.get("shared-size") ?? "");
  const sizes = sizesOfImages(await layersOf(engine, hasShared ? everything : images));
  return engineJson(imageEntries(images, sizes.images, hasShared));
}

/** Removes this server's host from a pattern: its images are listed without it. */
function ownPattern(pattern: string, own: string): string {
  return pattern.startsWith(`${own}/`) ? pattern.slice(own.length + 1) : pattern;
}

async function bounds(
  engine: Engine,
  filters: ReadonlyMap<string, readonly string[]>,
): Promise<CreatedBetween> {
  const createdOf = async (text: string) => Date.parse((await inspection(engine, text)).created ?? "");
  const before = await Promise.all((filters.get("before") ?? []).map(createdOf));
  const until = (filters.get("until") ?? []).map((text) => readTime(text, Date.now()));
  const since = await Promise.all((filters.get("since") ?? []).map(createdOf));
  return {
    ...(before.length + until.length > 0 && { before: Math.min(...before, ...until) }),
    ...(since.length > 0 && { since: Math.max(...since) }),
  };
}

/** The layers of images by ID. */
async function layersOf(
  engine: Engine,
  images: readonly DockerImage[],
): Promise<Map<string, readonly SizedLayer[]>> {
  const { store, findOptions } = engine;
  const { cache } = findOptions;
  // By repository: two with equal configs need not have the same nondistributable layers.
  const key = ({ digests: [first] }: DockerImage) => `engine-layers/${first?.repository}@${first?.digest}`;
  const known = await cache.get<SizedLayer[]>(images.map(key));
  const byId = new Map<string, readonly SizedLayer[]>();
  const found = new Map<string, SizedLayer[]>();
  let left = MAX_READ;
  for (const shown of images) {
    const { id, digests } = shown;
    const [first] = digests;
    const cached = known.get(key(shown));
    if (cached !== undefined) byId.set(id, cached);
    if (cached !== undefined || first === undefined) continue;
    const image = await tryOpen(engine, first.repository, first.digest);
    if (image === undefined) continue;
    const { layers, isEstimate } = await unpackedSizes(store, cache, image, left);
    left -= image.manifest.layers.reduce((sum, { size }) => sum + size, 0);
    const { diff_ids } = image.config.rootfs;
    const sized = layers.map((size, index) => ({ chain: chainId(diff_ids.slice(0, index + 1)) ?? "", size }));
    byId.set(id, sized);
    if (!isEstimate) found.set(key(shown), sized);
  }
  await cache.put(found, 30 * 24 * 60 * 60);
  return byId;
}

/** Opens an image; undefined when it was removed meanwhile or is damaged. */
async function tryOpen({ store }: Engine, name: string, digest: string): Promise<Image | undefined> {
  try {
    return await openImage(store, name, digest);
  } catch (error) {
    if (error instanceof RegistryError || error instanceof ImageError) return undefined;
    throw error;
  }
}

/** `GET /images/{name}/json` */
export async function serveImage(engine: Engine, text: string): Promise<Response> {
  const found = await engine.find(text);
  const image = await inspectionOf(engine, found);
  const { layers } = await unpackedSizesOf(engine, found);
  return engineJson(imageDocument(image, await namesOf(engine, found, image), sum(layers)));
}

/** `GET /images/{name}/history` */
export async function serveHistory(engine: Engine, text: string): Promise<Response> {
  const found = await engine.find(text);
  const image = await inspectionOf(engine, found);
  const { layers } = await unpackedSizesOf(engine, found);
  const { tags } = await namesOf(engine, found, image);
  return engineJson(historyDocument(image.history, layers, image.imageId, tags));
}

async function inspection(engine: Engine, text: string) {
  return inspectionOf(engine, await engine.find(text));
}

function inspectionOf({ store, query }: Engine, { name, reference }: LocatedImage) {
  return inspectImage(store, name, reference, platformOf(query));
}

async function unpackedSizesOf({ store, query, findOptions }: Engine, { name, reference }: LocatedImage) {
  return unpackedSizes(store, findOptions.cache, await openImage(store, name, reference, platformOf(query)));
}

function platformOf(query: URLSearchParams): string | undefined {
  return query.get("platform") || undefined;
}

/** All names of an image; for an image of an earlier version that was found by name, those in its repository. */
async function namesOf(
  { findOptions }: Engine,
  { byId, name }: LocatedImage,
  { imageId, tags, descriptor }: Pick<ImageInspection, "imageId" | "tags" | "descriptor">,
): Promise<ImageNames> {
  const known = byId ?? (await namesOfImage(imageId, findOptions));
  if (known !== undefined)
    return { tags: known.tags.map(formatImageName), digests: known.digests.map(shownDigest) };
  return {
    tags: tags.map((tag) => formatImageName({ repository: name, tag })),
    digests: [shownDigest({ repository: name, digest: descriptor.digest })],
  };
}

/** `POST /images/{name}/tag` */
export async function serveTag(engine: Engine, text: string): Promise<Response> {
  const { name, reference } = await engine.find(text);
  const target = targetOf(engine.query);
  // Throws dockerd's error message for an invalid name.
  parseEngineReference(target, "");
  const names = readImageNames([target], engine.url.host);
  for (const { repository } of names) engine.require("push", repository);
  await tagImage(engine.store, { name, reference }, names);
  return emptyEngineAnswer(201);
}

/** `DELETE /images/{name}` */
export async function serveRemoval(engine: Engine, text: string): Promise<Response> {
  const found = await engine.find(text);
  const isSet = ["1", "true", "True"].includes(engine.query.get("force") ?? "");
  const removed = await removeImage(found, {
    ...engine.findOptions,
    force: isSet,
    requireDelete: (repository) => engine.require("delete", repository),
  });
  return engineJson(removed);
}

/** `GET /images/search`: the repositories of this server. */
export async function serveSearch(engine: Engine): Promise<Response> {
  const term = (engine.query.get("term") ?? "").toLowerCase();
  const images = await dockerImages(engine.findOptions);
  const names = new Set(
    images.flatMap(({ tags }) => tags.map(({ repository }) => displayRepository(repository))),
  );
  const found = [...names].filter((name) => name.includes(term));
  return engineJson(
    found.map((name) => ({ name, description: "", star_count: 0, is_official: false, is_automated: false })),
  );
}

/** Kinds of objects that `GET /system/df` can be limited to. */
const usageTypes: ReadonlySet<string> = new Set(["container", "image", "volume", "build-cache"]);

/** `GET /system/df`: images that the caller may see; sizes of the whole store for an admin only. */
export async function serveDiskUsage(engine: Engine): Promise<Response> {
  const types = engine.query.getAll("type");
  const unknown = types.find((type) => !usageTypes.has(type));
  if (unknown !== undefined) throw new EngineError(400, `unknown object type: ${unknown}`);
  const images = await dockerImages(engine.findOptions);
  const sizes = sizesOfImages(await layersOf(engine, images));
  const isAdmin = engine.access.allows({ right: "admin", server: true });
  const kinds: Usage["kinds"] = isAdmin ? (await currentUsage(engine.env)).kinds : {};
  const cache = ["contexts", "packs", "tocs", "shadows", "caches", "spool"] as const;
  const entries = imageEntries(images, sizes.images, true).map((entry) => ({ ...entry, Containers: 0 }));
  const cacheBytes = sum(cache.map((kind) => kinds[kind]?.bytes ?? 0));
  return engineJson(usageDocument(entries, sizes.total, cacheBytes, types));
}

/** Number of images that the caller may see. */
export async function countImages(engine: Engine): Promise<number> {
  return (await dockerImages(engine.findOptions)).length;
}
