import { isDigest, parseDigest } from "../oci/digest.ts";
import { isRepositoryName, isTag } from "../oci/reference.ts";
import { RegistryError } from "./errors.ts";

/** Which part of a list is wanted. */
export interface Page {
  /** Most entries. */
  n?: number;
  /** Only entries after this one. */
  last?: string;
}

/** What a request to the distribution API asks for. The comments name the endpoints of distribution-spec. */
export type RegistryRequest =
  /** end-1 */
  | { kind: "base" }
  /** end-2, end-10 */
  | { kind: "blob"; action: "get" | "head" | "delete"; name: string; digest: string }
  /** end-3, end-7, end-9; the reference is a tag or a digest */
  | { kind: "manifest"; action: "get" | "head" | "put" | "delete"; name: string; reference: string }
  /** end-4a, end-4b, end-11 */
  | { kind: "start-upload"; name: string }
  /** end-5, end-6, end-13 */
  | { kind: "upload"; action: "get" | "patch" | "put" | "delete"; name: string; id: string }
  /** end-8a, end-8b */
  | { kind: "tags"; name: string; page: Page }
  /** end-12a, end-12b */
  | { kind: "referrers"; name: string; digest: string; artifactType?: string }
  /** Docker's list of repositories. */
  | { kind: "catalog"; page: Page };

/**
 * Says what a request asks for. Undefined when the path is none of the API's.
 *
 * @throws RegistryError for a name, digest or method that cannot be
 */
export function parseRegistryRequest(method: string, url: URL): RegistryRequest | undefined {
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
    if (item === "") {
      requireMethod(method, ["POST"]);
      return { kind: "start-upload", name };
    }
    return {
      kind: "upload",
      action: requireMethod(method, ["GET", "PATCH", "PUT", "DELETE"]),
      name,
      id: item,
    };
  }
  const rest = parts.slice(0, -2);
  if (parts.length < 3) return undefined;
  switch (resource) {
    case "blobs":
      return parseBlob(method, requireName(rest), item);
    case "manifests":
      return parseManifest(method, requireName(rest), item);
    case "tags":
      if (item !== "list") return undefined;
      requireMethod(method, ["GET", "HEAD"]);
      return { kind: "tags", name: requireName(rest), page: readPage(url.searchParams) };
    case "referrers": {
      requireMethod(method, ["GET", "HEAD"]);
      const artifactType = url.searchParams.get("artifactType");
      return {
        kind: "referrers",
        name: requireName(rest),
        digest: requireDigest(item),
        ...(artifactType !== null && { artifactType }),
      };
    }
    default:
      return undefined;
  }
}

function parseBlob(method: string, name: string, item: string): RegistryRequest {
  if (item === "uploads") {
    requireMethod(method, ["POST"]);
    return { kind: "start-upload", name };
  }
  const action = requireMethod(method, ["GET", "HEAD", "DELETE"]);
  return { kind: "blob", action, name, digest: requireDigest(item) };
}

function parseManifest(method: string, name: string, reference: string): RegistryRequest {
  const action = requireMethod(method, ["GET", "HEAD", "PUT", "DELETE"]);
  if (parseDigest(reference) !== undefined) requireDigest(reference);
  else if (!isTag(reference)) {
    const code = action === "put" ? "MANIFEST_INVALID" : "MANIFEST_UNKNOWN";
    throw new RegistryError(code, "not a tag and not a digest", { reference });
  }
  return { kind: "manifest", action, name, reference };
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new RegistryError("NAME_INVALID", "the path is not well encoded");
  }
}

/** The method in lower case, when it is one of those that the endpoint has. */
function requireMethod<M extends string>(method: string, allowed: readonly M[]): Lowercase<M> {
  if (!(allowed as readonly string[]).includes(method)) {
    throw new RegistryError("UNSUPPORTED", `${method} is not one of ${allowed.join(", ")}`, { method });
  }
  return method.toLowerCase() as Lowercase<M>;
}

function requireName(parts: readonly string[]): string {
  const name = parts.join("/");
  if (!isRepositoryName(name)) throw new RegistryError("NAME_INVALID", "not a repository name", { name });
  return name;
}

function requireDigest(digest: string): string {
  if (!isDigest(digest))
    throw new RegistryError("DIGEST_INVALID", "not a SHA-256 or SHA-512 digest", { digest });
  return digest;
}

function readPage(query: URLSearchParams): Page {
  const n = query.get("n");
  const last = query.get("last");
  if (n !== null && !/^\d{1,9}$/.test(n)) throw new RegistryError("SIZE_INVALID", "n is not a number", { n });
  return { ...(n !== null && { n: Number(n) }), ...(last !== null && { last }) };
}
