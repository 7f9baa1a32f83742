import type { Grant } from "./grants.ts";
import type { Subject } from "./signed-token.ts";

/** By virtue of what somebody is known: whether that still holds can be asked later, with no secret kept for it. */
export interface Standing {
  subject: Subject;
  /** When what he has shown is over, in seconds since 1970. */
  expires?: number;
}

/**
 * Who asks. `nobody`: has shown nothing. `guest`: has nothing but a token of the registry for what is public. `local`: on
 * this machine, where no credential of an admin is configured.
 */
export interface Caller {
  kind: "nobody" | "guest" | "local" | "token" | "oidc" | "admin";
  grants: readonly Grant[];
  /** Has a token of the registry that may have been made for less than its holder could have: he may ask for another. */
  isNarrowed: boolean;
  /** Patterns of repositories that everybody may pull from. */
  public: readonly string[];
  /** Of somebody who has shown a token that can end before the server does. */
  standing?: Standing;
}

/** Why what somebody has shown is not taken. */
export interface Refusal {
  reason: "unknown" | "expired" | "untrusted" | "limited" | "unavailable";
  /** A part of a sentence. */
  detail: string;
  /** Seconds after which it may be tried again. */
  retryAfter?: number;
}

export type Identified = { caller: Caller } | { refusal: Refusal };

/** What a record calls a caller; contains no secret. */
export function callerName({ kind, standing }: Caller): string {
  const { subject } = standing ?? {};
  if (subject?.kind === "token") return `token ${subject.id}`;
  if (subject?.kind === "oidc") return `oidc ${subject.rules.join(" ")}`;
  return kind;
}
