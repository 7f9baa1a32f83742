import { pruneOptions } from "../../../schemas/usage.ts";
import type { DeletedImage } from "../../engine-api/documents.ts";
import { type Filters, parseListFilters, readDangling, readTime } from "../../engine-api/filters.ts";
import type { OtherObjects } from "../../engine-api/request.ts";
import { pruneRules, startPrune } from "../operation/prune.ts";
import { type Engine, engineJson } from "./engine.ts";

/** Maximum time that a request waits for its prune, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/**
 * `POST /images/prune`: deletes images without a tag; with `dangling=false` all images, because no container uses them.
 * Keeps objects younger than the grace period.
 */
export async function pruneImages(engine: Engine): Promise<Response> {
  const filters = parseListFilters(engine.query.get("filters"), ["dangling", "until"]);
  const until = ageOf(filters, "until");
  const isAll = readDangling(filters) === false;
  const { tags, manifests, total } = await prune(engine, { untagged: until, ...(isAll && { until }) });
  const deleted: DeletedImage[] = [
    ...tags.map((tag) => ({ Untagged: tag })),
    ...manifests.map((manifest) => ({ Deleted: manifest.slice(manifest.indexOf("@") + 1) })),
  ];
  return engineJson({ ImagesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: total.bytes });
}

/** `POST /build/prune`: deletes build cache that was not used for the time in the filters. */
export async function pruneCache(engine: Engine): Promise<Response> {
  const filters = parseListFilters(engine.query.get("filters"), ["until", "unused-for"]);
  const name = filters.has("until") ? "until" : "unused-for";
  const { total } = await prune(engine, { unused: ageOf(filters, name) });
  return engineJson({ CachesDeleted: null, SpaceReclaimed: total.bytes });
}

/** `POST /containers/prune` and other requests of `docker system prune`: nothing to delete. */
export function pruneOthers(what: OtherObjects): Response {
  switch (what) {
    case "containers":
      return engineJson({ ContainersDeleted: null, SpaceReclaimed: 0 });
    case "networks":
      return engineJson({ NetworksDeleted: null });
    case "volumes":
      return engineJson({ VolumesDeleted: [], SpaceReclaimed: 0 });
  }
}

/** Seconds since the time in a filter, the format of ages in `pruneOptions`. */
function ageOf(filters: Filters, name: string): string {
  const [text] = filters.get(name) ?? [];
  if (text === undefined) return "0s";
  const now = Date.now();
  return `${Math.max(0, Math.floor((now - readTime(text, now)) / 1000))}s`;
}

/** Runs a prune that keeps the build history, like docker's. */
function prune({ env }: Engine, options: { untagged?: string; until?: string; unused?: string }) {
  const now = Date.now();
  const rules = pruneRules(pruneOptions.parse(options), now);
  const { builds } = pruneRules(pruneOptions.parse({}), now);
  return startPrune(env, { ...rules, builds }, MAX_WAIT_MS);
}
