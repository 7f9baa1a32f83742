import type { Right } from "../../../schemas/access.ts";

/** The repositories that a route is about. */
export type RouteSubject =
  /** Those of the query parameters `t`; without one, the repository of images without a name. */
  | "t"
  /** That of the query parameter `scope`. */
  | "scope"
  /** Those of the build in the path. */
  | "build"
  /** That of the image in the path, or those of both images. */
  | "image"
  /** Those of the query parameters `image`. */
  | "images"
  /** Those of the names in the body, which the handler checks. */
  | "body";

/** A right on repositories. */
interface RightNeed {
  right: Right;
  of: RouteSubject;
}

/** The requirement of a route. */
export type Need =
  /** Nothing. */
  | "nothing"
  /** A token that the handler verifies. */
  | "own token"
  /** Any valid credential. */
  | "a credential"
  /** Admin of the whole server. */
  | "admin"
  /** Admin of the whole server, or the token of VARVE_METRICS_TOKEN. */
  | "admin or metrics token"
  /** All of these. */
  | readonly RightNeed[];

interface RouteNeed {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** In OpenAPI's syntax; `{name…}` may contain slashes. */
  path: string;
  /** Whether the route is a WebSocket. */
  isSocket?: true;
  need: Need;
}

const needs = (right: Right, of: RouteSubject): readonly RightNeed[] => [{ right, of }];

/**
 * Every route except those of the distribution API, with its requirement. HEAD requires the same as GET. A request that
 * matches no route requires admin.
 */
export const routeNeeds: readonly RouteNeed[] = [
  { method: "GET", path: "/healthz", need: "nothing" },
  { method: "GET", path: "/metrics", need: "admin or metrics token" },
  { method: "GET", path: "/v1/health", need: "admin or metrics token" },
  { method: "GET", path: "/openapi.json", need: "nothing" },
  { method: "GET", path: "/docs", need: "nothing" },
  { method: "POST", path: "/v1/builds", need: needs("build", "t") },
  { method: "GET", path: "/v1/builds", need: "a credential" },
  { method: "GET", path: "/v1/builds/{id}", need: needs("pull", "build") },
  { method: "DELETE", path: "/v1/builds/{id}", need: needs("build", "build") },
  { method: "GET", path: "/v1/builds/{id}/events", need: needs("pull", "build") },
  { method: "GET", path: "/v1/builds/{id}/explain", need: needs("pull", "build") },
  { method: "GET", path: "/v1/builds/{id}/runs", need: needs("pull", "build") },
  { method: "POST", path: "/v1/check", need: "a credential" },
  { method: "POST", path: "/v1/containers", need: needs("start", "images") },
  { method: "GET", path: "/v1/containers/{id}", need: "own token" },
  ...(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const).map(
    (method): RouteNeed => ({ method, path: "/v1/containers/{id}/ports/{item…}", need: "own token" }),
  ),
  { method: "POST", path: "/v1/contexts", need: needs("build", "scope") },
  { method: "GET", path: "/v1/contexts/{digest}", need: needs("build", "scope") },
  { method: "GET", path: "/v1/packs/{digest}", need: needs("build", "scope") },
  { method: "PUT", path: "/v1/packs/{digest}", need: needs("build", "scope") },
  { method: "GET", path: "/v1/images", need: "a credential" },
  { method: "GET", path: "/v1/images/archive", need: needs("pull", "images") },
  { method: "POST", path: "/v1/images/load", need: needs("push", "body") },
  {
    method: "POST",
    path: "/v1/images/{image…}/tags",
    need: [
      { right: "pull", of: "image" },
      { right: "push", of: "t" },
    ],
  },
  { method: "GET", path: "/v1/images/{image…}", need: needs("pull", "image") },
  { method: "DELETE", path: "/v1/images/{image…}", need: needs("delete", "image") },
  { method: "GET", path: "/v1/insights", need: needs("pull", "images") },
  { method: "GET", path: "/v1/jobs/{id}/{item…}", need: "own token" },
  { method: "POST", path: "/v1/jobs/{id}/{item…}", need: "own token" },
  { method: "PUT", path: "/v1/jobs/{id}/{item…}", need: "own token" },
  { method: "PATCH", path: "/v1/jobs/{id}/{item…}", need: "own token" },
  { method: "DELETE", path: "/v1/jobs/{id}/{item…}", need: "own token" },
  { method: "POST", path: "/v1/plan", need: needs("build", "t") },
  { method: "POST", path: "/v1/prune", need: "admin" },
  { method: "GET", path: "/v1/prune", need: "admin" },
  { method: "GET", path: "/v1/runners", isSocket: true, need: "own token" },
  { method: "GET", path: "/v1/runners", need: "a credential" },
  { method: "POST", path: "/v1/scrub", need: "admin" },
  { method: "GET", path: "/v1/tokens", need: "admin" },
  { method: "POST", path: "/v1/tokens", need: "admin" },
  { method: "DELETE", path: "/v1/tokens/{id}", need: "admin" },
  { method: "GET", path: "/v1/access", need: "admin" },
  { method: "PUT", path: "/v1/access", need: "admin" },
  { method: "GET", path: "/v1/usage", need: "admin" },
  { method: "GET", path: "/v2/token", need: "own token" },
  { method: "POST", path: "/v2/token", need: "own token" },
];

/** The parts of a request that select its route. */
interface RoutedRequest {
  method: string;
  path: string;
  isSocket: boolean;
}

/** The requirement of a request, and the values of the path parameters. */
export function needOf(request: RoutedRequest): { need: Need; values: Readonly<Record<string, string>> } {
  const method = request.method === "HEAD" ? "GET" : request.method;
  for (const route of compiled) {
    if (route.method !== method || (route.isSocket === true && !request.isSocket)) continue;
    const match = route.expression.exec(request.path);
    if (match !== null) return { need: route.need, values: { ...match.groups } };
  }
  return { need: "admin", values: {} };
}

const compiled = routeNeeds.map((route) => ({ ...route, expression: expressionOf(route.path) }));

function expressionOf(path: string): RegExp {
  const source = path
    .replaceAll(".", "\\.")
    .replace(/\{(\w+)(…?)\}/g, (_, name: string, more: string) => `(?<${name}>${more ? ".+" : "[^/]+"})`);
  return new RegExp(`^${source}/?$`);
}
