import type { BuildRecord } from "../../../schemas/build.ts";
import type { PruneOptions, PruneReport, Usage } from "../../../schemas/usage.ts";
import { readImageNames } from "../../engine/export.ts";
import { readRepository } from "../../registry/names.ts";
import { service } from "../service.ts";

/** Milliseconds between two looks at a prune that goes on. */
const AGAIN = 1000;

export function usage(): Promise<Usage> {
  return service.ask("/v1/usage");
}

/** Removes, or tells what would be removed; resolves when that has ended. */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  let report = await service.ask<PruneReport>("/v1/prune", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(options),
  });
  while (report.state === "running") {
    await new Promise((wake) => setTimeout(wake, AGAIN));
    report = await service.ask<PruneReport>(`/v1/prune?id=${report.id}`);
  }
  return report;
}

/** Builds that gave a repository a tag, each with those tags. */
export function buildsOf(
  records: readonly BuildRecord[],
  name: string,
): { record: BuildRecord; tags: string[] }[] {
  const own = readRepository(name);
  return records.flatMap((record) => {
    const tags = readImageNames(record.tags).flatMap(({ repository, tag }) =>
      repository === own ? [tag] : [],
    );
    return tags.length === 0 ? [] : [{ record, tags }];
  });
}
