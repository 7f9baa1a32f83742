import { compileGlob, type Glob } from "../dockerignore/glob.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import { formatImageName } from "../engine/export.ts";
import { readAge } from "../garbage/age.ts";
import { startsWithHost } from "../registry/names.ts";
import { parseJson } from "../streams/json.ts";
import { type DockerImage, shownDigest } from "./docker-images.ts";
import { EngineError } from "./engine-error.ts";

/** Values by the name of a filter. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * Parses filters of the Engine API: `{"label":["a=b"]}`, or in the form of old clients `{"label":{"a=b":true}}`.
 * @throws {EngineError} for a filter that is not in `known`
 */
export function parseListFilters(json: string | null, known: readonly string[]): Filters {
  if (json === null || json === "") return new Map();
  let parsed: unknown;
  try {
    parsed = parseJson(json);
  } catch {
    throw new EngineError(400, "invalid filter");
  }
  const filters = new Map<string, string[]>();
  for (const [name, values] of Object.entries(parsed ?? {})) {
    if (!known.includes(name)) throw new EngineError(400, `invalid filter '${name}'`);
    const list: unknown[] = Array.isArray(values)
      ? values
      : Object.entries(values ?? {}).flatMap(([value, on]) => (on ? value : []));
    if (!list.every((value) => typeof value === "string")) {
      throw new EngineError(400, `invalid filter '${name}': its values are not texts`);
    }
    filters.set(name, list);
  }
  return filters;
}

/** Whether unnamed images are requested; undefined without the filter. @throws {EngineError} */
export function readDangling(filters: Filters): boolean | undefined {
  const [value] = filters.get("dangling") ?? [];
  if (value === undefined) return undefined;
  if (["true", "1"].includes(value)) return true;
  if (["false", "0"].includes(value)) return false;
  throw new EngineError(400, `invalid filter 'dangling=[${value}]'`);
}

/**
 * Parses a time: an age such as `24h`, seconds since 1970, or RFC 3339. Returns milliseconds since 1970.
 * @throws {EngineError}
 */
export function readTime(text: string, now: number): number {
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const age = readAge(text);
  const time = age === undefined ? Date.parse(text) : now - age * 1000;
  if (!Number.isNaN(time)) return time;
  throw new EngineError(400, `failed to parse value as time or duration: "${text}"`);
}

/** Exclusive bounds for the creation time of images, in milliseconds since 1970. */
export interface CreatedBetween {
  since?: number | undefined;
  before?: number | undefined;
}

/**
 * The images that pass all filters. As in dockerd, the filter `reference` also removes other names of the images.
 */
export function filterImages(
  images: readonly DockerImage[],
  filters: Filters,
  { since, before }: CreatedBetween = {},
): DockerImage[] {
  const dangling = readDangling(filters);
  const patterns = filters.get("reference")?.map(readPattern);
  return images.flatMap((image) => {
    const created = Date.parse(image.created ?? "");
    if (before !== undefined && !(created < before)) return [];
    if (since !== undefined && !(created > since)) return [];
    if (!hasLabels(image, filters.get("label") ?? [])) return [];
    if (dangling && image.tags.length > 0) return [];
    if (patterns === undefined) return [image];
    const matches = (shown: string) =>
      patterns.some((pattern) => namesOf(shown).some((name) => pattern.matches(name)));
    const tags = image.tags.filter((tag) => matches(formatImageName(tag)));
    const digests = image.digests.filter((digest) => matches(shownDigest(digest)));
    return tags.length + digests.length === 0 ? [] : [{ ...image, tags, digests }];
  });
}

/** Forms of a name that a pattern may match: short and full, with and without tag or digest. */
function namesOf(shown: string): string[] {
  const name = nameOf(shown);
  const isShort = !startsWithHost(name);
  const full = isShort ? `docker.io/${name.includes("/") ? "" : "library/"}` : "";
  return [shown, name, ...(isShort ? [full + shown, full + name] : [])];
}

function hasLabels({ labels = {} }: DockerImage, wanted: readonly string[]): boolean {
  return wanted.every((label) => {
    const [key = "", ...value] = label.split("=");
    return value.length === 0 ? Object.hasOwn(labels, key) : labels[key] === value.join("=");
  });
}

/** The name without tag and digest. */
function nameOf(shown: string): string {
  const at = shown.indexOf("@");
  if (at >= 0) return shown.slice(0, at);
  const colon = shown.lastIndexOf(":");
  return colon > shown.lastIndexOf("/") ? shown.slice(0, colon) : shown;
}

/** A pattern of Go's `path.Match`. @throws {EngineError} */
function readPattern(text: string): Glob {
  try {
    return compileGlob(text);
  } catch (error) {
    if (error instanceof PatternError) throw new EngineError(400, `invalid filter 'reference=${text}'`);
    throw error;
  }
}
