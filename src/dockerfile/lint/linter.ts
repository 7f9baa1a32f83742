import type { Diagnostic } from "../diagnostic.ts";
import type { LineRange } from "../instruction.ts";
import { type CheckOptions, checkOptionsOf, defaultChecks } from "./check-directive.ts";
import { type RuleDetails, type RuleName, ruleOf, warn } from "./rules.ts";

/** Gathers the findings of those rules that are wanted. */
export class Linter {
  readonly #options: CheckOptions;
  readonly #found: Diagnostic[];

  constructor(options: CheckOptions = defaultChecks, found: Diagnostic[] = []) {
    this.#options = options;
    this.#found = found;
  }

  /** All findings so far, those of the linters made by {@link above} included. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#found;
  }

  /** A linter with the same findings, which collects further ones apart from this one. */
  copy(): Linter {
    return new Linter(this.#options, [...this.#found]);
  }

  /** A linter for an instruction with these comments above it: it honours their `check=` and adds to the same findings. */
  above(comments: readonly string[]): Linter {
    const own = checkOptionsOf(comments);
    if (own === undefined) return this;
    const { skip, experimental, error } = this.#options;
    const merged = {
      skip: union(skip, own.skip),
      experimental: union(experimental, own.experimental),
      error,
    };
    return new Linter(merged, this.#found);
  }

  /** Notes that lines break a rule, unless the rule is skipped. */
  warn<N extends RuleName>(rule: N, lines: LineRange, ...details: RuleDetails<N>): void {
    if (this.#wants(rule)) this.#found.push(warn(rule, lines, ...details));
  }

  /** Why the build must fail: the check option `error` is set and something was found. */
  get failure(): string | undefined {
    if (!this.#options.error || this.#found.length === 0) return undefined;
    const names = new Set(this.#found.map(({ code }) => code));
    return `lint violation found for rules: ${[...names].join(", ")}`;
  }

  #wants(rule: RuleName): boolean {
    if (ruleOf(rule).experimental) return includes(this.#options.experimental, rule);
    return !includes(this.#options.skip, rule);
  }
}

function includes(set: "all" | ReadonlySet<string>, rule: string): boolean {
  return set === "all" || set.has(rule);
}

function union(a: "all" | ReadonlySet<string>, b: "all" | ReadonlySet<string>): "all" | ReadonlySet<string> {
  return a === "all" || b === "all" ? "all" : new Set([...a, ...b]);
}
