import { pruneOptions } from "../../../schemas/usage.ts";
import type { DeletedImage } from "../../engine-api/documents.ts";
import { type Filters, readFilters, readSwitch, readTime } from "../../engine-api/filters.ts";
import type { OtherObjects } from "../../engine-api/request.ts";
import { pruneRules, startPrune } from "../operation/prune.ts";
import { type Engine, engineJson } from "./engine.ts";

/** A request to remove waits so long for the end. */
const longestWait = 60_000;

/**
 * `POST /images/prune`: images without a tag; with `dangling=false` all images, for nothing here runs a container. As every
 * way to clean up, it leaves what is younger than the grace period.
 */
export async function pruneImages(engine: Engine): Promise<Response> {
  const filters = readFilters(engine.query.get("filters"), ["dangling", "until"]);
  const until = ageOf(filters, "until");
  const isAll = readSwitch(filters, "dangling") === false;
  const { tags, manifests, total } = await prune(engine, { untagged: until, ...(isAll && { until }) });
  const deleted: DeletedImage[] = [
    ...tags.map((tag) => ({ Untagged: tag })),
    ...manifests.map((manifest) => ({ Deleted: manifest.slice(manifest.indexOf("@") + 1) })),
  ];
  return engineJson({ ImagesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: total.bytes });
}

/** `POST /build/prune`: what the build cache has not used for as long as the filters say. */
export async function pruneCache(engine: Engine): Promise<Response> {
  const filters = readFilters(engine.query.get("filters"), ["until", "unused-for"]);
  const name = filters.has("until") ? "until" : "unused-for";
  const { total } = await prune(engine, { unused: ageOf(filters, name) });
  return engineJson({ CachesDeleted: null, SpaceReclaimed: total.bytes });
}

/** `POST /containers/prune` and others of `docker system prune`: there are none. */
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

/** Seconds since the time of a filter, as `pruneOptions` reads ages. */
function ageOf(filters: Filters, name: string): string {
  const [text] = filters.get(name) ?? [];
  if (text === undefined) return "0s";
  const now = Date.now();
  return `${Math.max(0, Math.floor((now - readTime(text, now)) / 1000))}s`;
}

function prune({ env }: Engine, options: { untagged?: string; until?: string; unused?: string }) {
  return startPrune(env, pruneRules(pruneOptions.parse(options), Date.now()), longestWait);
}
