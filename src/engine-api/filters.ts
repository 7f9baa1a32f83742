import { compileGlob, type Glob } from "../dockerignore/glob.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import { readAge } from "../garbage/age.ts";
import { startsWithHost } from "../registry/names.ts";
import { parseJson } from "../streams/json.ts";
import { type DockerImage, shownDigest, shownTag } from "./docker-images.ts";
import { EngineError } from "./engine-error.ts";

/** Values by the name of a filter. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * Filters of the Engine API: `{"label":["a=b"]}`, or as old clients write it `{"label":{"a=b":true}}`.
 * @throws EngineError for one that is not among `known`
 */
export function readFilters(json: string | null, known: readonly string[]): Filters {
  if (json === null || json === "") return new Map();
  let parsed: unknown;
  try {
    parsed = parseJson(json);
  } catch {
    throw new EngineError(400, "The filters are not JSON");
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

/** The value of a filter that is true or false; undefined without it. @throws EngineError */
export function readSwitch(filters: Filters, name: string): boolean | undefined {
  const [value] = filters.get(name) ?? [];
  if (value === undefined) return undefined;
  if (["true", "1"].includes(value)) return true;
  if (["false", "0"].includes(value)) return false;
  throw new EngineError(400, `invalid filter '${name}=[${value}]'`);
}

/**
 * A time of a filter, in milliseconds since 1970: an age such as `24h`, seconds since 1970, or RFC 3339.
 * @throws EngineError
 */
export function readTime(text: string, now: number): number {
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const age = readAge(text);
  const time = age === undefined ? Date.parse(text) : now - age * 1000;
  if (!Number.isNaN(time)) return time;
  throw new EngineError(
    400,
    `invalid value for 'until' filter: failed to parse value as time or duration: "${text}"`,
  );
}

/** Bounds of the time at which images were created, in milliseconds since 1970; both are excluded. */
export interface CreatedBetween {
  since?: number | undefined;
  before?: number | undefined;
}

/**
 * The images that pass all filters, with those of their names that do: as dockerd, a filter of references hides other
 * names.
 */
export function filterImages(
  images: readonly DockerImage[],
  filters: Filters,
  { since, before }: CreatedBetween = {},
): DockerImage[] {
  const dangling = readSwitch(filters, "dangling");
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
    const tags = image.tags.filter((tag) => matches(shownTag(tag)));
    const digests = image.digests.filter((digest) => matches(shownDigest(digest)));
    return tags.length + digests.length === 0 ? [] : [{ ...image, tags, digests }];
  });
}

/** What a pattern may match: the name as it is shown and in full, with and without tag or digest. */
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

/** As Go's `path.Match`. @throws EngineError */
function readPattern(text: string): Glob {
  try {
    return compileGlob(text);
  } catch (error) {
    if (error instanceof PatternError) throw new EngineError(400, `invalid filter 'reference=${text}'`);
    throw error;
  }
}
