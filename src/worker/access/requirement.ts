import type { Right } from "../../../schemas/access.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames } from "../../engine/export.ts";
import { type EngineKind, enginePath, parseEngineRequest } from "../../engine-api/request.ts";
import { readImage } from "../images/archive.ts";
import { parseImagePath } from "../images/path.ts";
import { engineNeeds } from "./engine-needs.ts";
import type { RequiredRight } from "./grants.ts";
import { registryNeedOf } from "./registry-needs.ts";
import { needOf, type RouteSubject } from "./route-needs.ts";

/** The credential or rights that a request requires of its caller. */
export type Requirement =
  | { kind: "nothing" }
  /** Any registry token, also a guest's; the scope is for the challenge. */
  | { kind: "token"; scope?: string }
  | { kind: "a credential" }
  /** Admin of the server, or the token of VARVE_METRICS_TOKEN. */
  | { kind: "monitoring" }
  | { kind: "rights"; required: readonly RequiredRight[]; scope?: string }
  /** A right on the repositories of a build, which its record lists. */
  | { kind: "build"; right: Right; id: string };

/** The repository of images without a name, and of their builds. */
export const unnamedRepository = "builds";

/** The requirement of a request. The only function that maps requests to rights. */
export function requirementOf({
  method,
  url: text,
  headers,
}: Pick<Request, "method" | "url" | "headers">): Requirement {
  const url = new URL(text);
  if (/^\/v2(?:\/|$)/.test(url.pathname) && url.pathname !== "/v2/token") return registryDemand(method, url);
  const engine = enginePath(url.pathname);
  if (engine !== undefined) return engineDemand(parseEngineRequest(method, engine)?.kind, url);
  const isSocket = headers.get("upgrade")?.toLowerCase() === "websocket";
  const { need, values } = needOf({ method, path: url.pathname, isSocket });
  if (need === "nothing" || need === "own token") return { kind: "nothing" };
  if (need === "a credential") return { kind: "a credential" };
  if (need === "admin or metrics token") return { kind: "monitoring" };
  if (need === "admin") return { kind: "rights", required: [{ right: "admin", server: true }] };
  const [first] = need;
  if (first?.of === "build") return { kind: "build", right: first.right, id: values.id ?? "" };
  if (first?.of === "body") return { kind: "a credential" };
  const required = need.map(({ right, of }) => ({ right, repositories: repositoriesOf(of, url) }));
  // The handler rejects a request without a name; until then it only requires a known caller.
  const namesAll = required.every(({ repositories }) => repositories.length > 0);
  return namesAll ? { kind: "rights", required } : { kind: "a credential" };
}

/**
 * The repositories of these names. Does not reject invalid names, because the handler does.
 * @param own see `readImageNames`
 */
export function repositoriesOfTags(tags: readonly string[], own?: string): string[] {
  if (tags.length === 0) return [unnamedRepository];
  try {
    return [...new Set(readImageNames(tags, own).map(({ repository }) => repository))];
  } catch (error) {
    // Require the right on every name, so that only callers who have it receive the error.
    if (error instanceof BuildError) return [...tags];
    throw error;
  }
}

/** An endpoint that the server does not implement requires nothing, because its response reveals nothing. */
function engineDemand(kind: EngineKind | undefined, url: URL): Requirement {
  switch (kind === undefined ? "nothing" : engineNeeds[kind]) {
    case "nothing":
      return { kind: "rights", required: [] };
    case "a credential":
      return { kind: "a credential" };
    case "build": {
      const repositories = repositoriesOfTags(url.searchParams.getAll("t"), url.host);
      return { kind: "rights", required: [{ right: "build", repositories }] };
    }
    case "admin":
      return { kind: "rights", required: [{ right: "admin", server: true }] };
  }
}

function registryDemand(method: string, url: URL): Requirement {
  const { need, name, scope } = registryNeedOf(method, url);
  const challenge = scope === undefined ? {} : { scope };
  if (need === "token" || name === undefined) return { kind: "token", ...challenge };
  return { kind: "rights", required: [{ right: need, repositories: [name] }], ...challenge };
}

function repositoriesOf(subject: RouteSubject, url: URL): string[] {
  switch (subject) {
    case "t":
      return repositoriesOfTags(url.searchParams.getAll("t"), url.host);
    case "scope":
      return repositoriesOfTags([scopeParameter(url)].filter(Boolean), url.host);
    case "image": {
      const image = parseImagePath(url.pathname.slice("/v1/images".length), url.host);
      return image === undefined ? [] : [...new Set([image.name, image.other?.name ?? image.name])];
    }
    case "images":
      return url.searchParams.getAll("image").map((text) => readImage(text, url.host).name);
    case "build":
    case "body":
      return [];
  }
}

/** The scope parameter of a request about contexts; empty when absent. Handlers and the gate both use this function. */
export function scopeParameter(url: URL): string {
  return url.searchParams.get("scope") ?? "";
}
