/** One page of a list. */
export interface ListPage {
  document: unknown;
  /** Absolute URL of the next page (RFC 8288); undefined at the end. */
  next: string | undefined;
}

/** Maximum number of pages of one list. */
const MAX_PAGES = 10_000;

/**
 * Reads the names of a list over several pages (distribution-spec, "Content Discovery").
 * @param field the field of the document that contains the names
 */
export async function* readPages(
  first: string,
  after: string | undefined,
  field: "repositories" | "tags",
  fetchPage: (url: string) => Promise<ListPage>,
): AsyncGenerator<string, void, undefined> {
  const start = new URL(first);
  if (after) start.searchParams.set("last", after);
  let url: string | undefined = start.href;
  for (let pages = 0; url !== undefined && pages < MAX_PAGES; pages++) {
    const { document, next }: ListPage = await fetchPage(url);
    yield* namesOf(document, field);
    url = next;
  }
}

/** The URL of the page after `url`, if it has the same origin. @param link the `Link` header */
export function nextPage(link: string | null, url: string): string | undefined {
  const [, target] = /^\s{0,9}<([^<>]{1,4096})>\s{0,9};\s{0,9}rel="?next"?/.exec(link ?? "") ?? [];
  const next = target === undefined ? null : URL.parse(target, url);
  return next !== null && next.origin === new URL(url).origin ? next.href : undefined;
}

function namesOf(document: unknown, field: string): string[] {
  const names =
    typeof document === "object" && document !== null
      ? (document as Record<string, unknown>)[field]
      : undefined;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}
