import type { Usage } from "../../schemas/usage.ts";
import { displayRepository, isInternalName } from "../registry/names.ts";
import { readMarker } from "../registry/store/markers.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Amounts, kindOf } from "./kinds.ts";
import type { PruneRun } from "./run.ts";
import type { CollectorTables } from "./tables.ts";

type RepositoryUsage = Usage["repositories"][number];

const USAGE = "usage";

/** Ends a run: publishes its counts, which `/v1/usage` returns for a large store. */
export async function publishUsage({ tables, listed, began }: PruneRun): Promise<undefined> {
  const { total, kinds } = listed;
  tables.keepFact(USAGE, { total, kinds, measured: new Date(began).toISOString() });
}

/** The counts of the last complete run; undefined before the first one. */
export function readUsage(tables: CollectorTables): Usage | undefined {
  const counted = tables.fact<Pick<Usage, "total" | "kinds" | "measured">>(USAGE);
  if (counted === undefined) return undefined;
  const rows = tables.rows<RepositoryUsage>(
    "SELECT name, tags, manifests, blobs, bytes FROM repositories ORDER BY name",
  );
  const shown = rows.filter(({ name, tags, manifests, blobs }) => {
    return !isInternalName(name) && tags + manifests + blobs > 0;
  });
  const repositories = shown.map((row) => ({ ...row, name: displayRepository(row.name) }));
  return { ...counted, repositories };
}

/** Computes storage by kind and by repository from a list of all objects. */
export async function measureUsage(store: ObjectStore): Promise<Usage> {
  const measured = new Date().toISOString();
  const amounts = new Amounts();
  const repositories = new Map<string, RepositoryUsage>();
  for await (const object of store.list("")) {
    amounts.add(kindOf(object.key), object.size);
    const [, name, folder] = /^repos\/(.+)\/_(tags|manifests|blobs)\/[^/]+$/.exec(object.key) ?? [];
    if (name === undefined || isInternalName(name)) continue;
    const repository = repositories.get(name) ?? {
      name: displayRepository(name),
      tags: 0,
      manifests: 0,
      blobs: 0,
      bytes: 0,
    };
    repositories.set(name, repository);
    repository[folder as "tags" | "manifests" | "blobs"] += 1;
    if (folder !== "tags") repository.bytes += readMarker(object).size;
  }
  return { total: amounts.total, kinds: amounts.kinds, measured, repositories: [...repositories.values()] };
}
