import type { Diagnostic } from "../diagnostic.ts";
import type { LineRange } from "../instruction.ts";
import { type CheckOptions, checkOptionsOf, defaultChecks } from "./check-directive.ts";
import { type RuleDetails, type RuleName, ruleOf, warn } from "./rules.ts";

/** Collects the findings of the selected rules. */
export class Linter {
  readonly #options: CheckOptions;
  readonly #found: Diagnostic[];

  constructor(options: CheckOptions = defaultChecks, found: Diagnostic[] = []) {
    this.#options = options;
    this.#found = found;
  }

  /** All findings so far, including those of linters created by {@link above}. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#found;
  }

  /** A linter with a copy of the findings, which collects further ones separately. */
  copy(): Linter {
    return new Linter(this.#options, [...this.#found]);
  }

  /** A linter for an instruction with these comments above it: applies their `check=` and adds to the same findings. */
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

  /** Reports that lines break a rule, unless the rule is skipped. */
  warn<N extends RuleName>(rule: N, lines: LineRange, ...details: RuleDetails<N>): void {
    if (this.#wants(rule)) this.#found.push(warn(rule, lines, ...details));
  }

  /** The reason why the build must fail: the check option `error` is set and there are findings. */
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
