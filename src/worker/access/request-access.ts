import { displayRepository } from "../../registry/names.ts";
import type { Caller } from "./caller.ts";
import { accessDeniedError, credentialMissingError } from "./denial.ts";
import { covers, patternsWith, type RequiredRight } from "./grants.ts";
import { matchesPattern } from "./pattern.ts";

/** The caller's rights, for handlers that check more than the gate. */
export class RequestAccess {
  readonly caller: Caller;
  /** Advice for callers without a credential. */
  readonly #hint: string | undefined;

  constructor(caller: Caller, hint?: string) {
    this.caller = caller;
    this.#hint = hint;
  }

  /** Whether the caller has more than a token for public repositories. */
  get isKnown(): boolean {
    return this.caller.kind !== "anonymous" && this.caller.kind !== "guest";
  }

  allows(required: RequiredRight): boolean {
    return covers(this.caller.grants, required);
  }

  /** Whether the caller may see the repository. */
  readonly canPull = (repository: string): boolean => {
    return this.allows({ right: "pull", repositories: [repository] });
  };

  /** Whether the caller may see any repository. */
  get canPullSome(): boolean {
    return patternsWith(this.caller.grants, "pull").length > 0;
  }

  /** Whether the repository is public. */
  isPublic(repository: string): boolean {
    const name = displayRepository(repository);
    return this.caller.public.some((pattern) => matchesPattern(pattern, name));
  }

  /** @throws {AccessError} */
  require(required: RequiredRight): void {
    if (this.allows(required)) return;
    throw this.isKnown ? accessDeniedError(this.caller, required) : this.unidentified();
  }

  /** For a request whose body contains the names. @throws {AccessError} when the caller may not push to any repository */
  requirePushSome(): void {
    if (patternsWith(this.caller.grants, "push").length > 0) return;
    throw this.isKnown ? accessDeniedError(this.caller) : this.unidentified();
  }

  /** The error for a caller without a credential. */
  unidentified() {
    return credentialMissingError(this.#hint);
  }
}
