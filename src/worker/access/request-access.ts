import { shownRepository } from "../../registry/names.ts";
import type { Caller } from "./caller.ts";
import { forbidden, unidentified } from "./denial.ts";
import { covers, patternsWith, type Required } from "./grants.ts";
import { matchesPattern } from "./pattern.ts";

/** What the sender of a request may do, for those who need to know more than that the request may be answered. */
export class RequestAccess {
  readonly caller: Caller;
  /** What to tell somebody who has shown nothing. */
  readonly #hint: string | undefined;

  constructor(caller: Caller, hint?: string) {
    this.caller = caller;
    this.#hint = hint;
  }

  /** Has shown a credential, which is more than a token for what is public. */
  get isKnown(): boolean {
    return this.caller.kind !== "nobody" && this.caller.kind !== "guest";
  }

  allows(required: Required): boolean {
    return covers(this.caller.grants, required);
  }

  /** Whether the repository may be seen at all. */
  readonly canPull = (repository: string): boolean => {
    return this.allows({ right: "pull", repositories: [repository] });
  };

  /** Whether there are repositories at all that might be seen. */
  get canPullSome(): boolean {
    return patternsWith(this.caller.grants, "pull").length > 0;
  }

  /** Whether everybody may pull from it. */
  isPublic(repository: string): boolean {
    const name = shownRepository(repository);
    return this.caller.public.some((pattern) => matchesPattern(pattern, name));
  }

  /** @throws AccessError */
  require(required: Required): void {
    if (this.allows(required)) return;
    throw this.isKnown ? forbidden(this.caller, required) : this.unidentified();
  }

  /** For a body that says only itself what is put where. @throws AccessError when nothing may be put anywhere */
  requirePushSome(): void {
    if (patternsWith(this.caller.grants, "push").length > 0) return;
    throw this.isKnown ? forbidden(this.caller) : this.unidentified();
  }

  /** What is answered instead to somebody of whom nothing is known. */
  unidentified() {
    return unidentified(this.#hint);
  }
}
