import { isSameHost } from "../network/network-policy.ts";
import { isRepositoryName, parseReference, type Reference } from "../oci/reference.ts";

/**
 * Names of repositories in this server's store. One of this server is a path: `team/app`. One of another registry keeps its
 * host before a double slash, which no path has: `ghcr.io//team/app` is the image that people call `ghcr.io/team/app`, and
 * `ghcr.io/team/app` would be a repository of this server whose path begins with `ghcr.io`.
 */
export interface ForeignName {
  /** With its port when it has one, in lower case. */
  host: string;
  path: string;
}

/**
 * Hosts that denote this server whatever it is called: the host of names without one, and the one that podman gives local
 * images.
 */
const OWN_HOSTS: ReadonlySet<string> = new Set(["docker.io", "localhost"]);
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-f0-9:]+\])(?::[0-9]{1,5})?$/;
const MAX_HOST = 255;

/**
 * Whether a host in a reference is this server.
 * @param own the host that the caller reached the server by, with its port
 */
export function isOwnHost(host: string, own?: string): boolean {
  return OWN_HOSTS.has(host) || (own !== undefined && isSameHost(host, own));
}

/** The repository that a reference names. @param own see `isOwnHost` */
export function repositoryOf({ host, path }: Pick<Reference, "host" | "path">, own?: string): string {
  if (host === "docker.io") return path.replace(/^library\//, "");
  return isOwnHost(host, own) ? path : `${host.toLowerCase()}//${path}`;
}

/** The repository that a name without tag and digest names: `team/app`, `ghcr.io/team/app`. @throws InvalidReferenceError */
export function readRepository(text: string, own?: string): string {
  // A path such as `library/app` is taken as it is: only docker's short names leave it out.
  return startsWithHost(text) ? repositoryOf(parseReference(text), own) : text;
}

/**
 * The repository for images without a name that jobs of a source repository build. Undefined for a source repository whose
 * name is no part of a name of an image.
 * @param source as in the claim `repository` of GitHub's tokens: `My-Org/app`
 */
export function jobRepository(source: string): string | undefined {
  const name = `builds/${source.toLowerCase()}`;
  return isRepositoryName(name) ? name : undefined;
}

/** The parts of a name of another registry; undefined for a repository of this server. */
export function foreignName(repository: string): ForeignName | undefined {
  const slashes = repository.indexOf("//");
  if (slashes < 0) return undefined;
  return { host: repository.slice(0, slashes), path: repository.slice(slashes + 2) };
}

/** The name as people write it. Reads back as the same repository, whatever the server is called. */
export function shownRepository(repository: string): string {
  const foreign = foreignName(repository);
  if (foreign !== undefined) return `${foreign.host}/${foreign.path}`;
  return startsWithHost(repository) ? `localhost/${repository}` : repository;
}

/**
 * The path of a repository's resource in the distribution API. One of another registry is requested as a client of a proxy
 * does (distribution-spec, "Registry Proxying").
 */
export function distributionPath(repository: string, resource: string): string {
  const foreign = foreignName(repository);
  if (foreign === undefined) return `/v2/${repository}/${resource}`;
  const separator = resource.includes("?") ? "&" : "?";
  return `/v2/${foreign.path}/${resource}${separator}ns=${encodeURIComponent(foreign.host)}`;
}

/** Whether a text can be the name of a repository, of this server or of another registry. */
export function isRepository(text: string): boolean {
  const foreign = foreignName(text);
  if (foreign === undefined) return isRepositoryName(text);
  const { host, path } = foreign;
  return host.length <= MAX_HOST && HOST.test(host) && !isOwnHost(host) && isRepositoryName(path);
}

/** Whether the first part of a name is a host: the rule of github.com/distribution/reference. */
export function startsWithHost(name: string): boolean {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
}
