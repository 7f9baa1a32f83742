import { type ArchiveQuery, archiveQuery } from "../../../schemas/images.ts";
import { Annotations } from "../../engine/annotations.ts";
import { archiveImages } from "../../images/archive.ts";
import {
  type ArchivedImage,
  type ArchiveName,
  archivePlatform,
  archivePlatforms,
} from "../../images/archived-image.ts";
import { ImageError } from "../../images/image-error.ts";
import { isDigest } from "../../oci/digest.ts";
import { isIndexType } from "../../oci/media-types.ts";
import {
  familiarReference,
  formatReference,
  InvalidReferenceError,
  parseReference,
  withDefaultTag,
} from "../../oci/reference.ts";
import { displayRepository, readRepository } from "../../registry/names.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { splitKeyValue } from "../../streams/cut.ts";
import { sizedBody } from "../http/sized-body.ts";

/** An image of a repository. */
interface ImageReference {
  name: string;
  /** Tag or digest. */
  reference: string;
}

/** `GET /v1/images/<name>/<reference>/archive`, and of several images `GET /v1/images/archive?image=…`. */
export async function serveArchive(
  store: ObjectStore,
  image: ImageReference | undefined,
  request: Request,
): Promise<Response> {
  const { host: own, searchParams } = new URL(request.url);
  const query = readQuery(searchParams);
  const wanted = image === undefined ? query.image.map((text) => readImage(text, own)) : [image];
  if (wanted.length === 0) {
    throw new ImageError("name-missing", "Cannot create an archive without image names", {
      hint: "Add names to the query: ?image=team/app:1.2",
    });
  }
  const archived: ArchivedImage[] = [];
  for (const one of wanted) archived.push(await archivedImage(store, one, query));
  return archiveResponse(await archiveImages(store, archived, query.format), request.method);
}

/** An image with the names and annotations that it has in an archive. */
async function archivedImage(
  store: ObjectStore,
  image: ImageReference,
  query: ArchiveQuery,
): Promise<ArchivedImage> {
  const { name, reference } = image;
  const known = isDigest(reference) ? [] : [`${displayRepository(name)}:${reference}`];
  const names = (query.t.length > 0 ? query.t : known).map(archiveName);
  const platforms = (query.platform ?? "").split(",").filter(Boolean);
  const archived =
    query.format === "docker"
      ? await archivePlatform(store, image, platforms[0], names)
      : await archivePlatforms(store, image, platforms, names);
  const { descriptor } = archived;
  const requested = new Annotations(Object.fromEntries(query.annotation.map(splitKeyValue)));
  const annotations = isIndexType(descriptor.mediaType)
    ? requested.of("index-descriptor")
    : requested.of("manifest-descriptor", descriptor.platform);
  return annotations === undefined ? archived : { ...archived, descriptor: { ...descriptor, annotations } };
}

/** The response with an archive. Its length lets clients show progress. */
export function archiveResponse(
  { size, bytes }: Awaited<ReturnType<typeof archiveImages>>,
  method: string,
): Response {
  const headers = {
    "content-type": "application/x-tar",
    "content-length": String(size),
    "cache-control": "no-transform",
  };
  return new Response(method === "HEAD" ? null : sizedBody(bytes(), size), { headers });
}

/** @throws {ImageError} `name-invalid` */
export function archiveName(text: string): ArchiveName {
  const reference = withDefaultTag(readName(text, parseReference));
  const { tag = "latest", digest: _, ...rest } = reference;
  const named = { ...rest, tag };
  return {
    repository: familiarReference(named).slice(0, -tag.length - 1),
    tag,
    full: formatReference(named),
  };
}

/** Reads `<name>:<tag>` or `<name>@<digest>`. @param own see `readRepository` */
export function readImage(text: string, own: string): ImageReference {
  const at = text.indexOf("@");
  const name = at < 0 ? text.replace(/:[^:/]*$/, "") : text.slice(0, at);
  const tag = text.slice(name.length + 1);
  return { name: readName(name, () => readRepository(name, own)), reference: tag === "" ? "latest" : tag };
}

/** @throws {ImageError} `name-invalid` */
function readName<T>(text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (cause) {
    if (!(cause instanceof InvalidReferenceError)) throw cause;
    throw new ImageError("name-invalid", `Cannot read the name "${text}": ${cause.message}`, { cause });
  }
}

/** Parameters that may occur several times. */
const LISTS: ReadonlySet<string> = new Set(["t", "image", "annotation"] satisfies (keyof ArchiveQuery)[]);

function readQuery(params: URLSearchParams): ArchiveQuery {
  const raw: Record<string, string | string[]> = {};
  for (const [name, value] of params) raw[name] = LISTS.has(name) ? params.getAll(name) : value;
  return archiveQuery.parse(raw);
}
