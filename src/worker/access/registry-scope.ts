import type { Right } from "../../../schemas/access.ts";
import { isRepository, shownRepository } from "../../registry/names.ts";
import { covers, type Grant, patternsWith } from "./grants.ts";

/** What a client asks a token for: actions on one repository, or the list of repositories. */
export type AskedScope =
  | { type: "repository"; name: string; actions: readonly string[] }
  | { type: "catalog" };

/** Scopes of one request. */
const mostScopes = 50;

/** The actions of the token specification, and the right that each takes. `*` stands for all of them. */
const actions: Readonly<Record<string, Right>> = { pull: "pull", push: "push", delete: "delete" };

/**
 * Reads the scopes of a token request: `repository:team/app:pull,push`, several of them as several parameters or
 * separated by spaces. What is of no known kind grants nothing, and neither does what comes after the first fifty.
 */
export function readRegistryScopes(texts: readonly string[]): AskedScope[] {
  return texts
    .flatMap((text) => text.split(" "))
    .slice(0, mostScopes)
    .flatMap((text): AskedScope[] => {
      // A class such as `repository(plugin)` makes no difference here; a name may begin with a host and its port.
      const [, type, name = "", listed = ""] = /^([a-z]+)(?:\([a-z]+\))?:(.+):([^:]*)$/.exec(text) ?? [];
      if (type === "registry" && name === "catalog") return [{ type: "catalog" }];
      if (type !== "repository" || !isRepository(name)) return [];
      return [{ type: "repository", name, actions: listed.split(",") }];
    });
}

/** Of what is asked for, that which the grants of the asker cover: the rest is left out, without an error. */
export function grantedOf(asked: readonly AskedScope[], grants: readonly Grant[]): Grant[] {
  return asked.flatMap((scope): Grant[] => {
    // The list of repositories has those that one may pull from.
    if (scope.type === "catalog") {
      return patternsWith(grants, "pull").map((repositories) => ({ rights: ["pull"], repositories }));
    }
    const wanted = scope.actions.includes("*") ? Object.keys(actions) : scope.actions;
    const rights = [...new Set(wanted)].flatMap((action) => {
      const right = Object.hasOwn(actions, action) ? actions[action] : undefined;
      const isCovered = right !== undefined && covers(grants, { right, repositories: [scope.name] });
      return isCovered ? [right] : [];
    });
    return rights.length === 0 ? [] : [{ rights, repositories: shownRepository(scope.name) }];
  });
}
