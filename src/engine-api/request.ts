/** A request of Docker's Engine API that this server supports. */
export type EngineRequest =
  | {
      kind:
        | "ping"
        | "version"
        | "info"
        | "build"
        | "build-prune"
        | "list"
        | "create"
        | "load"
        | "prune"
        | "search"
        | "usage"
        | "login";
    }
  | { kind: "prune-others"; what: OtherObjects }
  /** `image` is a name as the client wrote it, or an ID. */
  | { kind: "inspect" | "history" | "push" | "tag" | "save" | "remove" | "distribution"; image: string }
  /** Images are named in the query. */
  | { kind: "save-many" };

export type EngineKind = EngineRequest["kind"];

/** What a server of docker has and this one does not. */
export type OtherObjects = "containers" | "networks" | "volumes";

/** Oldest and newest supported version. Unknown parameters of newer versions are ignored. */
export const MIN_VERSION = "1.24";
export const API_VERSION = "1.47";

/** Routes, with or without a version prefix. `{image}` may contain slashes. */
export const engineRoutes: readonly [methods: string, path: string, kind: EngineKind][] = [
  ["GET HEAD", "/_ping", "ping"],
  ["GET", "/version", "version"],
  ["GET", "/info", "info"],
  ["POST", "/build", "build"],
  ["POST", "/build/prune", "build-prune"],
  ["GET", "/images/json", "list"],
  ["POST", "/images/create", "create"],
  ["POST", "/images/load", "load"],
  ["POST", "/images/prune", "prune"],
  ["GET", "/images/search", "search"],
  ["GET", "/system/df", "usage"],
  ["POST", "/auth", "login"],
  ["POST", "/containers/prune", "prune-others"],
  ["POST", "/networks/prune", "prune-others"],
  ["POST", "/volumes/prune", "prune-others"],
  ["GET", "/distribution/{image}/json", "distribution"],
  ["GET", "/images/get", "save-many"],
  ["GET", "/images/{image}/json", "inspect"],
  ["GET", "/images/{image}/history", "history"],
  ["GET", "/images/{image}/get", "save"],
  ["POST", "/images/{image}/push", "push"],
  ["POST", "/images/{image}/tag", "tag"],
  ["DELETE", "/images/{image}", "remove"],
];

/** First segments of all paths of the Engine API, to recognise requests without a version. */
const WITHOUT_VERSION =
  /^\/(?:_ping|version|info|build|images|containers|networks|volumes|exec|events|system|auth|swarm|nodes|services|tasks|secrets|configs|plugins|distribution|session|grpc|commit)(?:\/|$)/;

/** The path without its version; undefined for a path that is not of the Engine API. */
export function enginePath(path: string): string | undefined {
  const version = /^\/v\d{1,3}\.\d{1,3}(?=\/)/.exec(path);
  if (version !== null) return path.slice(version[0].length);
  return WITHOUT_VERSION.test(path) ? path : undefined;
}

/** Parses a request; undefined for requests that this server does not support. */
export function parseEngineRequest(method: string, path: string): EngineRequest | undefined {
  for (const [methods, pattern, kind] of engineRoutes) {
    if (!methods.split(" ").includes(method)) continue;
    const [before = "", after] = pattern.split("{image}");
    if (after === undefined) {
      if (path !== pattern) continue;
      return (kind === "prune-others" ? { kind, what: path.split("/")[1] } : { kind }) as EngineRequest;
    }
    if (path.length <= before.length + after.length || !path.startsWith(before) || !path.endsWith(after))
      continue;
    const image = decodeSegment(path.slice(before.length, path.length - after.length));
    if (image !== undefined) return { kind, image } as EngineRequest;
  }
  return undefined;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
