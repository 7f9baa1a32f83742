import { isSameHost } from "../network/network-policy.ts";
import { isRepositoryName, parseReference, type Reference } from "../oci/reference.ts";

/**
 * Names of repositories in this server's store. A repository of this server is a path: `team/app`. One of another
 * registry has its host and a double slash, which no path contains: `ghcr.io//team/app` is the image
 * `ghcr.io/team/app`, whereas `ghcr.io/team/app` would be a repository of this server whose path begins with `ghcr.io`.
 */
interface ForeignRepository {
  /** In lower case, with its port if any. */
  host: string;
  path: string;
}

/** The name of an image in this server's store. */
export interface ImageName {
  /** Of this server, or a `ForeignRepository` with its host. */
  repository: string;
  tag: string;
}

/** Hosts that always mean this server: the default host of short names, and the host that podman gives local images. */
const OWN_HOSTS: ReadonlySet<string> = new Set(["docker.io", "localhost"]);
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-f0-9:]+\])(?::[0-9]{1,5})?$/;
const MAX_HOST = 255;

/**
 * Whether a host in a reference is this server.
 * @param own the host and port under which the client reached the server
 */
export function isOwnHost(host: string, own?: string): boolean {
  return OWN_HOSTS.has(host) || (own !== undefined && isSameHost(host, own));
}

/**
 * The repository of a reference. A host that is only recognisable by its capital letters, as in `PY/app`, is kept, so that
 * the result is not a valid repository: in lower case, `py/app` would name two repositories.
 * @param own see `isOwnHost`
 */
export function repositoryOf({ host, path }: Pick<Reference, "host" | "path">, own?: string): string {
  if (host === "docker.io") return path.replace(/^library\//, "");
  if (isOwnHost(host, own)) return path;
  const lower = host.toLowerCase();
  return `${startsWithHost(`${lower}/`) ? lower : host}//${path}`;
}

/** Parses a repository name without tag and digest: `team/app`, `ghcr.io/team/app`. @throws {InvalidReferenceError} */
export function readRepository(text: string, own?: string): string {
  // A path such as `library/app` does not change: only docker's short names omit `library/`.
  return startsWithHost(text) ? repositoryOf(parseReference(text), own) : text;
}

/**
 * The repository for unnamed images that CI jobs of a source repository build. Undefined if the source repository's name
 * cannot be part of an image name.
 * @param source as in the claim `repository` of GitHub's tokens: `My-Org/app`
 */
export function jobRepository(source: string): string | undefined {
  const name = `builds/${source.toLowerCase()}`;
  return isRepositoryName(name) ? name : undefined;
}

/** Splits the name of another registry's repository; undefined for a repository of this server. */
export function splitForeignName(repository: string): ForeignRepository | undefined {
  const slashes = repository.indexOf("//");
  if (slashes < 0) return undefined;
  return { host: repository.slice(0, slashes), path: repository.slice(slashes + 2) };
}

/** Whether a repository is for the uploads of runners. Clients cannot use such a name. */
export function isInternalName(repository: string): boolean {
  return repository.startsWith("_");
}

/** The name for display, which parses to the same repository regardless of the server's address. */
export function displayRepository(repository: string): string {
  const foreign = splitForeignName(repository);
  if (foreign !== undefined) return `${foreign.host}/${foreign.path}`;
  return startsWithHost(repository) ? `localhost/${repository}` : repository;
}

/**
 * The path of a resource in the distribution API. A repository of another registry has the path that clients of a proxy
 * use (distribution-spec, "Registry Proxying").
 */
export function distributionPath(repository: string, resource: string): string {
  const foreign = splitForeignName(repository);
  if (foreign === undefined) return `/v2/${repository}/${resource}`;
  const separator = resource.includes("?") ? "&" : "?";
  return `/v2/${foreign.path}/${resource}${separator}ns=${encodeURIComponent(foreign.host)}`;
}

/** Whether a text is a valid repository name, of this server or of another registry. */
export function isRepository(text: string): boolean {
  const foreign = splitForeignName(text);
  if (foreign === undefined) return isRepositoryName(text);
  const { host, path } = foreign;
  return host.length <= MAX_HOST && HOST.test(host) && !isOwnHost(host) && isRepositoryName(path);
}

/** Whether the first part of a name is a host, by the rule of github.com/distribution/reference. */
export function startsWithHost(name: string): boolean {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
}
