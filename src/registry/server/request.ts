import { isDigest, parseDigest } from "../../oci/digest.ts";
import { isRepositoryName, isTag } from "../../oci/reference.ts";
import { RegistryError } from "../errors.ts";
import { isOwnHost, isRepository, repositoryOf } from "../names.ts";

/** The requested part of a list. */
export interface Page {
  /** Maximum number of entries. */
  n?: number;
  /** Only entries after this one. */
  last?: string;
}

/** Maximum number of tags in one PUT of a manifest. */
const MAX_TAGS = 100;
/** Maximum length of `last`, in characters: repository names have at most 255, tags 128. */
const MAX_LAST = 255;

/** A parsed request to the distribution API. The comments name the endpoints of distribution-spec. */
export type RegistryRequest =
  /** end-1 */
  | { kind: "base" }
  /** end-2, end-10 */
  | { kind: "blob"; action: "get" | "head" | "delete"; name: string; digest: string }
  /** end-3, end-7, end-9; the reference is a tag or a digest. Tags are possible for a PUT by digest. */
  | {
      kind: "manifest";
      action: "get" | "head" | "put" | "delete";
      name: string;
      reference: string;
      tags?: string[];
    }
  /** end-4: with a digest, the body is the blob */
  | { kind: "start-upload"; name: string; digest?: string }
  /** end-11; without `from`, any repository may be used */
  | { kind: "mount"; name: string; digest: string; from?: string }
  /** end-5, end-13, end-14 */
  | { kind: "upload"; action: "get" | "patch" | "delete"; name: string; id: string }
  /** end-6 */
  | { kind: "finish-upload"; name: string; id: string; digest: string }
  /** end-8a, end-8b */
  | { kind: "tags"; name: string; page: Page }
  /** end-12a, end-12b */
  | { kind: "referrers"; name: string; digest: string; artifactType?: string; last?: string }
  /** Docker's list of repositories. */
  | { kind: "catalog"; page: Page };

/** A request of one kind. */
export type RequestOf<K extends RegistryRequest["kind"]> = Extract<RegistryRequest, { kind: K }>;

/**
 * Parses a request. Undefined when the path is not part of the API.
 * @throws {RegistryError} for an invalid name, digest or method
 */
export function parseRegistryRequest(method: string, url: URL): RegistryRequest | undefined {
  const requireName = (parts: readonly string[]) => readName(parts, url);
  const path = decodePath(url.pathname);
  if (path === "/v2" || path === "/v2/") {
    requireMethod(method, ["GET", "HEAD"]);
    return { kind: "base" };
  }
  if (!path.startsWith("/v2/")) return undefined;
  if (path === "/v2/_catalog") {
    requireMethod(method, ["GET", "HEAD"]);
    return { kind: "catalog", page: readPage(url.searchParams) };
  }
  const parts = path.slice("/v2/".length).split("/");
  const [before, resource, item] = parts.slice(-3) as [string, string, string];
  if (before === "blobs" && resource === "uploads") {
    const name = requireName(parts.slice(0, -3));
    return item === "" ? parseStart(method, name, url.searchParams) : parseUpload(method, name, item, url);
  }
  const rest = parts.slice(0, -2);
  if (parts.length < 3) return undefined;
  switch (resource) {
    case "blobs":
      if (item === "uploads") return parseStart(method, requireName(rest), url.searchParams);
      return {
        kind: "blob",
        action: requireMethod(method, ["GET", "HEAD", "DELETE"]),
        name: requireName(rest),
        digest: requireDigest(item),
      };
    case "manifests":
      return parseManifest(method, requireName(rest), item, url.searchParams);
    case "tags":
      if (item !== "list") return undefined;
      requireMethod(method, ["GET", "HEAD"]);
      return { kind: "tags", name: requireName(rest), page: readPage(url.searchParams) };
    case "referrers": {
      requireMethod(method, ["GET", "HEAD"]);
      const artifactType = url.searchParams.get("artifactType");
      const { last } = readPage(url.searchParams);
      return {
        kind: "referrers",
        name: requireName(rest),
        digest: requireDigest(item),
        ...(artifactType !== null && { artifactType }),
        ...(last !== undefined && { last }),
      };
    }
    default:
      return undefined;
  }
}

function parseStart(method: string, name: string, query: URLSearchParams): RegistryRequest {
  requireMethod(method, ["POST"]);
  const mount = query.get("mount");
  if (mount !== null) {
    // Some clients send an empty value when they do not know a repository.
    const from = query.get("from") || undefined;
    return { kind: "mount", name, digest: requireDigest(mount), ...(from !== undefined && { from }) };
  }
  const algorithm = query.get("digest-algorithm");
  if (algorithm !== null && algorithm !== "sha256" && algorithm !== "sha512") {
    throw new RegistryError("DIGEST_INVALID", "digest-algorithm must be sha256 or sha512", {
      detail: { "digest-algorithm": algorithm },
    });
  }
  const digest = query.get("digest");
  return { kind: "start-upload", name, ...(digest !== null && { digest: requireDigest(digest) }) };
}

function parseUpload(method: string, name: string, id: string, url: URL): RegistryRequest {
  const action = requireMethod(method, ["GET", "PATCH", "PUT", "DELETE"]);
  if (action !== "put") return { kind: "upload", action, name, id };
  return { kind: "finish-upload", name, id, digest: requireDigest(url.searchParams.get("digest") ?? "") };
}

function parseManifest(
  method: string,
  name: string,
  reference: string,
  query: URLSearchParams,
): RegistryRequest {
  const action = requireMethod(method, ["GET", "HEAD", "PUT", "DELETE"]);
  const isByDigest = parseDigest(reference) !== undefined;
  if (isByDigest) requireDigest(reference);
  else if (!isTag(reference)) {
    const code = action === "put" ? "MANIFEST_INVALID" : "MANIFEST_UNKNOWN";
    throw new RegistryError(code, "the reference is neither a tag nor a digest", { detail: { reference } });
  }
  const tags = action === "put" && isByDigest ? readTags(query) : [];
  return { kind: "manifest", action, name, reference, ...(tags.length > 0 && { tags }) };
}

function readTags(query: URLSearchParams): string[] {
  const tags = [...new Set(query.getAll("tag"))];
  if (tags.length > MAX_TAGS) {
    throw new RegistryError(
      "MANIFEST_INVALID",
      `a request may have at most ${MAX_TAGS} tags, this one has ${tags.length}`,
    );
  }
  for (const tag of tags)
    if (!isTag(tag)) throw new RegistryError("MANIFEST_INVALID", "not a tag", { detail: { tag } });
  return tags;
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new RegistryError("NAME_INVALID", "the path has invalid percent-encoding");
  }
}

/** The method in lower case, when the endpoint supports it. */
function requireMethod<M extends string>(method: string, allowed: readonly M[]): Lowercase<M> {
  if (!(allowed as readonly string[]).includes(method)) {
    throw new RegistryError("UNSUPPORTED", `this endpoint supports ${allowed.join(", ")}, not ${method}`, {
      detail: { method },
    });
  }
  return method.toLowerCase() as Lowercase<M>;
}

/**
 * The repository of a path. The parameter `ns` is the registry host in the client's image name (distribution-spec,
 * "Registry Proxying"), so the repository belongs to that registry unless the host is this server.
 */
function readName(parts: readonly string[], { host, searchParams }: URL): string {
  const path = parts.join("/");
  const ns = searchParams.get("ns") || host;
  const name = isOwnHost(ns, host) ? path : repositoryOf({ host: ns, path });
  if (isRepositoryName(path) && isRepository(name)) return name;
  throw new RegistryError("NAME_INVALID", "not a repository name", { detail: { name: path } });
}

function requireDigest(digest: string): string {
  if (!isDigest(digest))
    throw new RegistryError("DIGEST_INVALID", "not a SHA-256 or SHA-512 digest", { detail: { digest } });
  return digest;
}

function readPage(query: URLSearchParams): Page {
  const n = query.get("n");
  const last = query.get("last");
  if (n !== null && !/^\d{1,9}$/.test(n))
    throw new RegistryError("SIZE_INVALID", "n is not a number", { detail: { n } });
  if (last !== null && last.length > MAX_LAST) throw new RegistryError("SIZE_INVALID", "last is too long");
  return { ...(n !== null && { n: Number(n) }), ...(last !== null && { last }) };
}
