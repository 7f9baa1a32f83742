import { OCI } from "../../oci/media-types.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { Catalog } from "../store/catalog.ts";
import { Repository } from "../store/store-registry.ts";
import { jsonAnswer, nextLink } from "./answers.ts";
import type { Asked, Page } from "./request.ts";

/** end-8 */
export async function listTags(
  { name, page }: Asked<"tags">,
  { method }: Request,
  store: ObjectStore,
): Promise<Response> {
  const { tags, more } = await new Repository(store, name).tags(page);
  return jsonAnswer({ name, tags }, method, more ? link(`/v2/${name}/tags/list`, page, tags) : {});
}

/** The repositories that the asker may see. */
export async function listRepositories(
  { page }: Asked<"catalog">,
  { method }: Request,
  store: ObjectStore,
  canPull: (name: string) => boolean,
): Promise<Response> {
  const { names, more } = await new Catalog(store).page(page, canPull);
  return jsonAnswer({ repositories: names }, method, more ? link("/v2/_catalog", page, names) : {});
}

/** end-12. Nothing is about a manifest that is not there, or in a repository that is not: an empty list. */
export async function listReferrers(
  { name, digest, artifactType, last }: Asked<"referrers">,
  { method }: Request,
  store: ObjectStore,
): Promise<Response> {
  const { descriptors, next } = await new Repository(store, name).referrers.list(digest, last);
  const manifests = descriptors.filter(
    (descriptor) => artifactType === undefined || descriptor.artifactType === artifactType,
  );
  return jsonAnswer({ schemaVersion: 2, mediaType: OCI.index, manifests }, method, {
    "Content-Type": OCI.index,
    ...(artifactType !== undefined && { "OCI-Filters-Applied": "artifactType" }),
    ...(next !== undefined && nextLink(`/v2/${name}/referrers/${digest}`, { artifactType, last: next })),
  });
}

function link(path: string, { n }: Page, items: readonly string[]): { Link: string } {
  return nextLink(path, { n: n?.toString(), last: items.at(-1) });
}
