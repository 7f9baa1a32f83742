import type { BuildRecord } from "../../../schemas/build.ts";
import type { PruneOptions, PruneReport, Usage } from "../../../schemas/usage.ts";
import { readImageNames } from "../../engine/export.ts";
import { readRepository } from "../../registry/names.ts";
import { pause } from "../../streams/pause.ts";
import { service } from "../service.ts";

/** Milliseconds between two requests for the report of a running prune. */
const POLL_MS = 1000;

export function fetchUsage(): Promise<Usage> {
  return service.ask("/v1/usage");
}

/** Prunes, or with `dryRun` only reports what a prune would remove. Resolves when the server has finished. */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  let report = await service.ask<PruneReport>("/v1/prune", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(options),
  });
  while (report.state === "running") {
    await pause(POLL_MS);
    report = await service.ask<PruneReport>(`/v1/prune?id=${report.id}`);
  }
  return report;
}

/** Selects the builds that set tags in a repository, with those tags. */
export function buildsOfRepository(
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
