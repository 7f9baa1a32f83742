import type { Entitlement } from "../../../../schemas/options.ts";
import { ExpandError, type ExpandOptions, expandWord, expandWords } from "../../../dockerfile/expand.ts";
import type { LineRange } from "../../../dockerfile/instruction.ts";
import type { Linter } from "../../../dockerfile/lint/linter.ts";
import type { RuleDetails, RuleName } from "../../../dockerfile/lint/rules.ts";
import { suggest } from "../../../dockerfile/suggest.ts";
import type { IgnoreMatcher } from "../../../dockerignore/match.ts";
import type { PlanBudget } from "../budget.ts";
import type { BuildArgs } from "../global-args.ts";
import { limits } from "../limits.ts";
import type { RunSettings } from "../options.ts";
import { PlanFault } from "../plan-error.ts";
import type { Scope } from "../scope.ts";
import type { Command, StageNode } from "../stage-graph.ts";
import type { StageState } from "../stage-state.ts";
import type { FileState, Step, StepDefinition, StepDescription, VariableUse } from "../step.ts";
import { instructionName, type StepNames } from "../step-names.ts";

/** Values that all instructions of a build share. */
export interface PlanContext {
  readonly escape: string;
  readonly buildArgs: BuildArgs;
  readonly globalScope: Scope;
  readonly proxies: Readonly<Record<string, string>> | undefined;
  /** The ignore patterns of the context; undefined when they have exceptions. */
  readonly ignored: IgnoredPaths | undefined;
  /** The requested hostname of RUN. */
  readonly hostname: string | undefined;
  /** Separates the caches of RUN --mount=type=cache from those of other builds. */
  readonly cacheNamespace: string | undefined;
  /** Entitlements that RUN may use. */
  readonly allow: ReadonlySet<Entitlement>;
  readonly run: RunSettings;
  readonly budget: PlanBudget;
  readonly steps: Step[];
  /** The files of a stage or image that was evaluated. */
  filesOf(node: StageNode): FileState | undefined;
}

/** The patterns of an ignore file. */
export interface IgnoredPaths {
  readonly patterns: readonly string[];
  readonly matcher: IgnoreMatcher;
}

/** One instruction in its stage: the state that it can read and change. */
export class Evaluation {
  readonly state: StageState;
  readonly planContext: PlanContext;
  readonly command: Command;
  readonly #names: StepNames;
  readonly #stage: { readonly index: number; readonly name: string };
  readonly #linter: Linter;
  readonly #referred = new Set<string>();

  constructor(
    planContext: PlanContext,
    state: StageState,
    stage: { readonly index: number; readonly name: string },
    names: StepNames,
    command: Command,
    linter: Linter,
  ) {
    this.planContext = planContext;
    this.state = state;
    this.#stage = stage;
    this.#names = names;
    this.command = command;
    this.#linter = linter.above(command.instruction.comments);
  }

  get lines(): LineRange {
    return this.command.lines;
  }

  get stageName(): string {
    return this.#stage.name;
  }

  /** Expands the variables of one word. Warns about undefined variables. */
  expand(word: string): string {
    return this.#expand(word, { escape: this.planContext.escape });
  }

  /** Expands the body of a here-document: quotes are literal, and the escape directive does not apply. */
  expandBody(body: string): string {
    // Skip expanding a text that is already too long; this call throws.
    if (body.length > limits.value) return this.planContext.budget.value(body);
    return this.#expand(body, { quotes: "literal" });
  }

  /** Expands the variables of a text and splits it into words. */
  expandWords(text: string): string[] {
    const { values, matched } = expandWords(text, this.state.scope, { escape: this.planContext.escape });
    for (const name of matched) this.#referred.add(name);
    return values.map((value) => this.planContext.budget.value(value));
  }

  #expand(text: string, options: ExpandOptions): string {
    const { scope } = this.state;
    try {
      const { value, matched, unmatched } = expandWord(text, scope, options);
      for (const name of matched) this.#referred.add(name);
      this.#reportUndefined(unmatched);
      return this.planContext.budget.value(value);
    } catch (error) {
      if (error instanceof ExpandError) this.#reportUndefined(missingIn(text, scope, options));
      throw error;
    }
  }

  #reportUndefined(names: ReadonlySet<string>): void {
    const { scope, args } = this.state;
    if (names.size === 0 || scope.isOpen) return;
    for (const name of names) {
      if (args.has(name) || this.#linter.diagnostics.length >= limits.findings) continue;
      this.warn(
        "UndefinedVar",
        name,
        scope.size > limits.suggestions || this.#linter.diagnostics.length >= limits.suggested
          ? undefined
          : suggest(name, scope.names()),
      );
    }
  }

  warn<N extends RuleName>(rule: N, ...details: RuleDetails<N>): void {
    this.warnAt(this.lines, rule, ...details);
  }

  warnAt<N extends RuleName>(lines: LineRange, rule: N, ...details: RuleDetails<N>): void {
    this.#linter.warn(rule, lines, ...details);
  }

  /** The instruction as progress output shows it. */
  nameOf(source: string): string {
    return instructionName(source, this.state.scope, this.planContext.escape);
  }

  /** Adds a step that changes the files of the stage. */
  addStep(
    definition: StepDefinition,
    {
      name,
      ...description
    }: Pick<StepDescription, "name" | "createdBy" | "proxies"> & Partial<Pick<StepDescription, "variables">>,
  ): void {
    const { steps, budget } = this.planContext;
    if (steps.length === limits.steps) {
      throw new PlanFault("plan/too-large", `The Dockerfile has more than ${limits.steps} steps`);
    }
    budget.text(name.length + description.createdBy.length);
    const step: Step = {
      index: steps.length,
      definition,
      description: {
        name: this.#names.next(name, this.state.scope, this.command.isTrigger),
        lines: this.lines,
        stage: this.#stage.index,
        variables: this.#variables(),
        ...description,
      },
    };
    steps.push(step);
    this.state.files = { kind: "step", step: step.index };
  }

  #variables(): VariableUse[] {
    const { scope, args, image } = this.state;
    return [...this.#referred].map((name) => ({
      name,
      value: scope.get(name) ?? "",
      isArgument: args.has(name) && !image.settings.env.has(name),
    }));
  }
}

/** The undefined variables that a text uses, for a text that cannot be expanded. */
function missingIn(text: string, scope: Scope, options: ExpandOptions): Set<string> {
  const missing = new Set<string>();
  const recorder = {
    names: () => scope.names(),
    patternWork: scope.patternWork,
    get: (name: string) => {
      const value = scope.get(name);
      if (value === undefined) missing.add(name);
      return value;
    },
  };
  try {
    expandWord(text, recorder, options);
  } catch (error) {
    if (!(error instanceof ExpandError)) throw error;
  }
  return missing;
}
