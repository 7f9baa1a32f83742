import type { Right } from "../../../schemas/access.ts";
import { displayRepository, isRepository } from "../../registry/names.ts";
import { covers, type Grant, patternsWith } from "./grants.ts";

/** A requested scope: actions on one repository, or the list of repositories. */
type RequestedScope = { type: "repository"; name: string; actions: readonly string[] } | { type: "catalog" };

/** Maximum number of scopes of one request. */
const MAX_SCOPES = 50;

/** The actions of the token specification, and the right that each requires. `*` means all of them. */
const actions: Readonly<Record<string, Right>> = { pull: "pull", push: "push", delete: "delete" };

/**
 * Parses the scopes of a token request: `repository:team/app:pull,push`, several of them as several parameters or
 * separated by spaces. Unknown kinds, and scopes after the fiftieth, grant nothing.
 */
export function readRegistryScopes(texts: readonly string[]): RequestedScope[] {
  return texts
    .flatMap((text) => text.split(" "))
    .slice(0, MAX_SCOPES)
    .flatMap((text): RequestedScope[] => {
      // A class such as `repository(plugin)` is ignored; a name may begin with a host and port.
      const [, type, name = "", listed = ""] = /^([a-z]+)(?:\([a-z]+\))?:(.+):([^:]*)$/.exec(text) ?? [];
      if (type === "registry" && name === "catalog") return [{ type: "catalog" }];
      if (type !== "repository" || !isRepository(name)) return [];
      return [{ type: "repository", name, actions: listed.split(",") }];
    });
}

/** The part of the requested scopes that the caller's grants cover. Omits the rest without an error. */
export function grantScopes(requested: readonly RequestedScope[], grants: readonly Grant[]): Grant[] {
  return requested.flatMap((scope): Grant[] => {
    // The list contains the repositories that the caller may pull from.
    if (scope.type === "catalog") {
      return patternsWith(grants, "pull").map((repositories) => ({ rights: ["pull"], repositories }));
    }
    const wanted = scope.actions.includes("*") ? Object.keys(actions) : scope.actions;
    const rights = [...new Set(wanted)].flatMap((action) => {
      const right = Object.hasOwn(actions, action) ? actions[action] : undefined;
      const isCovered = right !== undefined && covers(grants, { right, repositories: [scope.name] });
      return isCovered ? [right] : [];
    });
    return rights.length === 0 ? [] : [{ rights, repositories: displayRepository(scope.name) }];
  });
}
