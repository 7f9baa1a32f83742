import type { Right } from "../../../schemas/access.ts";
import { shownRepository } from "../../registry/names.ts";
import { matchesPattern } from "./pattern.ts";

/** Rights on all repositories whose names match. */
export interface Grant {
  rights: readonly Right[];
  /** A pattern; a name stands for itself. */
  repositories: string;
}

/** What somebody must be allowed for a request: a right on each of some repositories, or on the server. */
export type Required = { right: Right; repositories: readonly string[] } | { right: "admin"; server: true };

/** The pattern that matches every name. */
export const everything = "**";

/** Rights that come with another: pushing to a repository, building for it and starting its images include reading. */
const included: Record<Right, readonly Right[]> = {
  pull: ["pull"],
  push: ["push", "pull"],
  delete: ["delete"],
  build: ["build", "pull"],
  run: ["run"],
  start: ["start", "pull"],
  admin: ["admin", "pull", "push", "delete", "build", "run", "start"],
};

/**
 * The access decision: whether grants cover what is required. Server-wide acts take `admin` on every repository, said as
 * such: a pattern that happens to match all names there are is not enough.
 */
export function covers(grants: readonly Grant[], required: Required): boolean {
  if ("server" in required) {
    return grants.some(({ rights, repositories }) => repositories === everything && rights.includes("admin"));
  }
  return required.repositories
    .map(shownRepository)
    .every((name) =>
      grants.some((grant) => gives(grant, required.right) && matchesPattern(grant.repositories, name)),
    );
}

/** Patterns of the repositories on which grants give a right. */
export function patternsWith(grants: readonly Grant[], right: Right): string[] {
  return grants.filter((grant) => gives(grant, right)).map(({ repositories }) => repositories);
}

function gives({ rights }: Grant, wanted: Right): boolean {
  return rights.some((right) => included[right].includes(wanted));
}

/** Reads a scope as `pull,push:team/*`. Its form has been checked: see `schemas/access.ts`. */
export function grantOf(scope: string): Grant {
  const colon = scope.indexOf(":");
  return { rights: scope.slice(0, colon).split(",") as Right[], repositories: scope.slice(colon + 1) };
}

/** A grant as a scope. */
export function scopeOfGrant({ rights, repositories }: Grant): string {
  return `${rights.join(",")}:${repositories}`;
}
