import type { Usage } from "../../schemas/usage.ts";
import { isInternalName, shownRepository } from "../registry/names.ts";
import { readMarker } from "../registry/store/markers.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { Amounts, kindOf } from "./kinds.ts";

type RepositoryUsage = Usage["repositories"][number];

/** Computes what is stored, by kind, and what repositories have of it. */
export async function measureUsage(store: ObjectStore): Promise<Usage> {
  const amounts = new Amounts();
  const repositories = new Map<string, RepositoryUsage>();
  for await (const object of store.list("")) {
    amounts.add(kindOf(object.key), object.size);
    const [, name, folder] = /^repos\/(.+)\/_(tags|manifests|blobs)\/[^/]+$/.exec(object.key) ?? [];
    if (name === undefined || isInternalName(name)) continue;
    const repository = repositories.get(name) ?? {
      name: shownRepository(name),
      tags: 0,
      manifests: 0,
      blobs: 0,
      bytes: 0,
    };
    repositories.set(name, repository);
    repository[folder as "tags" | "manifests" | "blobs"] += 1;
    if (folder !== "tags") repository.bytes += readMarker(object).size;
  }
  return { total: amounts.total, kinds: amounts.kinds, repositories: [...repositories.values()] };
}
