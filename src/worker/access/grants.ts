import type { Right } from "../../../schemas/access.ts";
import { displayRepository } from "../../registry/names.ts";
import { cut } from "../../streams/cut.ts";
import { matchesPattern } from "./pattern.ts";

/** Rights on all repositories whose names match. */
export interface Grant {
  rights: readonly Right[];
  /** A pattern, or a name. */
  repositories: string;
}

/** A right that a request requires: on each of these repositories, or on the server. */
export type RequiredRight =
  | { right: Right; repositories: readonly string[] }
  | { right: "admin"; server: true };

/** The pattern that matches every name. */
export const everything = "**";

/** Rights included in another: pushing, building and running include pulling. */
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
 * The access decision: whether grants cover a required right. Server-wide actions require `admin` on the pattern `**`;
 * another pattern that matches all existing names is not enough.
 */
export function covers(grants: readonly Grant[], required: RequiredRight): boolean {
  if ("server" in required) {
    return grants.some(({ rights, repositories }) => repositories === everything && rights.includes("admin"));
  }
  return required.repositories
    .map(displayRepository)
    .every((name) =>
      grants.some((grant) => gives(grant, required.right) && matchesPattern(grant.repositories, name)),
    );
}

/** Patterns of the repositories on which grants include a right. */
export function patternsWith(grants: readonly Grant[], right: Right): string[] {
  return grants.filter((grant) => gives(grant, right)).map(({ repositories }) => repositories);
}

function gives({ rights }: Grant, wanted: Right): boolean {
  return rights.some((right) => included[right].includes(wanted));
}

/** Parses a scope such as `pull,push:team/*`, which `schemas/access.ts` has validated. */
export function grantOf(scope: string): Grant {
  const [rights, repositories = ""] = cut(scope, ":");
  return { rights: rights.split(",") as Right[], repositories };
}

/** Formats a grant as a scope. */
export function scopeOfGrant({ rights, repositories }: Grant): string {
  return `${rights.join(",")}:${repositories}`;
}
