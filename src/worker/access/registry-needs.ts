import type { Right } from "../../../schemas/access.ts";
import { RegistryError } from "../../registry/errors.ts";
import { isRepository } from "../../registry/names.ts";
import { parseRegistryRequest, type RegistryRequest } from "../../registry/server/request.ts";

/**
 * The right that each endpoint of the distribution API requires on the repository of its path. `token`: any registry
 * token, also a guest's; the list of repositories contains those that the caller may pull from.
 */
export const registryNeeds = {
  base: "token",
  catalog: "token",
  "blob get": "pull",
  "blob head": "pull",
  "blob delete": "delete",
  "manifest get": "pull",
  "manifest head": "pull",
  "manifest put": "push",
  "manifest delete": "delete",
  tags: "pull",
  referrers: "pull",
  "start-upload": "push",
  mount: "push",
  "upload get": "push",
  "upload patch": "push",
  "upload delete": "push",
  "finish-upload": "push",
} as const satisfies Record<EndpointKey, Right | "token">;

type Acted = Extract<RegistryRequest, { action: string }>;
type EndpointKey =
  | Exclude<RegistryRequest["kind"], Acted["kind"]>
  | { [K in Acted["kind"]]: `${K} ${Extract<Acted, { kind: K }>["action"]}` }[Acted["kind"]];

/** The right that a request to `/v2/` requires. */
interface RegistryNeed {
  need: Right | "token";
  /** The repository of the path; undefined for `token`. */
  name?: string;
  /** In the format of the token specification, for the challenge. */
  scope?: string;
}

/** The actions of a scope. Docker checks for existing blobs before it pushes, so `push` includes `pull`. */
const actionsOf: Partial<Record<Right, string>> = { pull: "pull", push: "pull,push", delete: "delete" };

/** The requirement of a request. For an invalid request, any token is enough to receive the error. */
export function registryNeedOf(method: string, url: URL): RegistryNeed {
  const request = parse(method, url);
  if (request === undefined) return { need: "token" };
  const need =
    registryNeeds["action" in request ? (`${request.kind} ${request.action}` as EndpointKey) : request.kind];
  if (need === "token" || !("name" in request)) {
    return { need: "token", ...(request.kind === "catalog" && { scope: "registry:catalog:*" }) };
  }
  const scopes = [`repository:${request.name}:${actionsOf[need]}`];
  // Without the right to pull from the other repository, the client uploads the blob instead of mounting it.
  if (request.kind === "mount" && isRepository(request.from ?? ""))
    scopes.push(`repository:${request.from}:pull`);
  return { need, name: request.name, scope: scopes.join(" ") };
}

function parse(method: string, url: URL): RegistryRequest | undefined {
  try {
    return parseRegistryRequest(method, url);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
