import { type MarkerFolder, readMarker } from "../registry/store/markers.ts";
import type { ObjectInfo } from "../store/object-store.ts";
import type { PruneRun, UnlinkRules } from "./run.ts";

/** The markers of a repository, counted. */
export interface RepositoryCounts {
  tags: number;
  manifests: number;
  blobs: number;
  bytes: number;
  /** Changes with each marker. */
  print: number;
}

export const NO_MARKERS: RepositoryCounts = { tags: 0, manifests: 0, blobs: 0, bytes: 0, print: 0 };

/** The rules for a repository. If the run is for other repositories, only the grace period. */
export function rulesFor({ rules }: PruneRun, name: string): UnlinkRules {
  return rules.repositories?.has(name) === false ? { grace: rules.grace } : rules;
}

/** A text that is different for different markers. */
export function markersFingerprint({ tags, manifests, blobs, print }: RepositoryCounts): string {
  return [tags, manifests, blobs, print].join(" ");
}

/** Whether the last run saw the same markers and kept none only because of its rules or of a push. */
export function hasSameMarkers(run: PruneRun, name: string, counts: RepositoryCounts): boolean {
  const { keep, until, untagged } = rulesFor(run, name);
  if (keep !== undefined || until !== undefined || untagged !== undefined) return false;
  const [row] = run.tables.rows<{ fingerprint: string }>(
    "SELECT fingerprint FROM repositories WHERE name = ?",
    name,
  );
  return row?.fingerprint === markersFingerprint(counts);
}

/** Records the counts of a repository; an empty fingerprint makes the next run read its markers. */
export function recordCounts(
  { tables, id }: PruneRun,
  name: string,
  counts: RepositoryCounts,
  fingerprint: string,
): void {
  const { tags, manifests, blobs, bytes } = counts;
  const row = [name, tags, manifests, blobs, bytes, fingerprint, id];
  tables.sql.exec("INSERT OR REPLACE INTO repositories VALUES (?, ?, ?, ?, ?, ?, ?)", ...row);
}

/** Adds a page of markers to counts. */
export function addPage(
  counts: RepositoryCounts,
  folder: MarkerFolder,
  page: readonly ObjectInfo[],
): RepositoryCounts {
  let { bytes, print } = counts;
  for (const object of page) {
    if (folder !== "_tags") bytes += readMarker(object).size;
    print = mix(print, `${object.key} ${object.uploaded} ${object.metadata.digest}`);
  }
  const kind = { _tags: "tags", _manifests: "manifests", _blobs: "blobs" } as const;
  return { ...counts, bytes, print, [kind[folder]]: counts[kind[folder]] + page.length };
}

/** A hash of a sequence of texts (FNV-1a, 32 bits). It detects changes, but not those of an attacker. */
function mix(print: number, text: string): number {
  let hash = (print ^ 2_166_136_261) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619) >>> 0;
  }
  return hash;
}
