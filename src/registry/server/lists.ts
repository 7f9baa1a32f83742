import type { Descriptor } from "../../oci/descriptor.ts";
import { OCI } from "../../oci/media-types.ts";
import type { Registry } from "../registry.ts";
import type { Page, RequestOf } from "./request.ts";
import { jsonResponse, nextLink, resourceAddress } from "./responses.ts";

/** Default and maximum number of names in one response. */
const MAX_NAMES = 10_000;
/** Limits of one list of referrers. Clients reject an index of more than 4 MiB. */
const MAX_REFERRERS = 1000;
const MAX_REFERRERS_BYTES = 3 * 1024 * 1024;

/** end-8 */
export async function listTags(
  { name, page }: RequestOf<"tags">,
  { method }: Request,
  registry: Registry,
): Promise<Response> {
  const { items: tags, isMore } = await collectPage(registry.tags(name, page.last), page);
  return jsonResponse({ name, tags }, method, isMore ? next(name, "tags/list", page, tags) : {});
}

export async function listRepositories(
  { page }: RequestOf<"catalog">,
  { method }: Request,
  registry: Registry,
): Promise<Response> {
  const { items: repositories, isMore } = await collectPage(registry.repositories(page.last), page);
  return jsonResponse({ repositories }, method, isMore ? next("", "_catalog", page, repositories) : {});
}

/** end-12. The list is empty for a manifest or repository that does not exist. */
export async function listReferrers(
  { name, digest, artifactType, last }: RequestOf<"referrers">,
  { method }: Request,
  registry: Registry,
): Promise<Response> {
  const listed: Descriptor[] = [];
  let bytes = 0;
  let isMore = false;
  for await (const descriptor of registry.referrers(name, digest, last)) {
    bytes += JSON.stringify(descriptor).length;
    isMore = listed.length === MAX_REFERRERS || (listed.length > 0 && bytes > MAX_REFERRERS_BYTES);
    if (isMore) break;
    listed.push(descriptor);
  }
  const manifests = listed.filter(
    (descriptor) => artifactType === undefined || descriptor.artifactType === artifactType,
  );
  const rest = resourceAddress(name, `referrers/${digest}`, { artifactType, last: listed.at(-1)?.digest });
  return jsonResponse({ schemaVersion: 2, mediaType: OCI.index, manifests }, method, {
    "Content-Type": OCI.index,
    ...(artifactType !== undefined && { "OCI-Filters-Applied": "artifactType" }),
    ...(isMore && nextLink(rest)),
  });
}

async function collectPage(
  names: AsyncIterable<string>,
  { n = MAX_NAMES }: Page,
): Promise<{ items: string[]; isMore: boolean }> {
  const max = Math.min(n, MAX_NAMES);
  const items: string[] = [];
  for await (const name of names) {
    // An empty page has no name to continue from.
    if (items.length === max) return { items, isMore: max > 0 };
    items.push(name);
  }
  return { items, isMore: false };
}

function next(name: string, resource: string, { n }: Page, items: readonly string[]): { Link: string } {
  return nextLink(resourceAddress(name, resource, { n: n?.toString(), last: items.at(-1) }));
}
