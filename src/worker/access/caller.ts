import type { Grant } from "./grants.ts";
import type { TokenSubject } from "./signed-token.ts";

/** The credential of an identified caller, without the secret. `whyOver` checks later whether it is still valid. */
export interface Standing {
  subject: TokenSubject;
  /** Expiry of the credential in seconds since 1970. */
  expires?: number;
}

/**
 * The sender of a request. `anonymous`: no credential. `guest`: with a registry token for public repositories only.
 * `local`: on the same machine as a server without an admin credential.
 */
export interface Caller {
  kind: "anonymous" | "guest" | "local" | "token" | "oidc" | "admin";
  grants: readonly Grant[];
  /** The credential is a registry token for some scopes. The caller may get a token for others. */
  isNarrowed: boolean;
  /** Patterns of public repositories. */
  public: readonly string[];
  /** Set for a credential that can expire or be revoked. */
  standing?: Standing;
}

/** The reason why a credential is rejected. */
export interface CredentialRefusal {
  reason: "unknown" | "expired" | "untrusted" | "limited" | "unavailable";
  /** Part of a sentence. */
  detail: string;
  /** Seconds until the next attempt. */
  retryAfter?: number;
}

export type Identified = { caller: Caller } | { refusal: CredentialRefusal };

/** Name of a caller in build records. */
export function callerName({ kind, standing }: Caller): string {
  const { subject } = standing ?? {};
  if (subject?.kind === "token") return `token ${subject.id}`;
  if (subject?.kind === "oidc") return `oidc ${subject.rules.join(" ")}`;
  return kind;
}
