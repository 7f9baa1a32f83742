import type { Entitlement } from "../../../../schemas/options.ts";
import { ExpandError, type ExpandOptions, expandWord, expandWords } from "../../../dockerfile/expand.ts";
import type { LineRange } from "../../../dockerfile/instruction.ts";
import type { Linter } from "../../../dockerfile/lint/linter.ts";
import type { RuleDetails, RuleName } from "../../../dockerfile/lint/rules.ts";
import { suggest } from "../../../dockerfile/suggest.ts";
import type { IgnoreMatcher } from "../../../dockerignore/match.ts";
import type { Budget } from "../budget.ts";
import type { BuildArgs } from "../global-args.ts";
import { limits } from "../limits.ts";
import type { RunSettings } from "../options.ts";
import { PlanFault } from "../plan-error.ts";
import type { Scope } from "../scope.ts";
import type { Command, StageNode } from "../stage-graph.ts";
import type { StageState } from "../stage-state.ts";
import type { FileState, Step, StepDefinition, StepDescription, VariableUse } from "../step.ts";
import { instructionName, type StepNames } from "../step-names.ts";

/** What is the same for every instruction of a build. */
export interface Surroundings {
  readonly escape: string;
  readonly buildArgs: BuildArgs;
  readonly globalScope: Scope;
  readonly proxies: Readonly<Record<string, string>> | undefined;
  /** What the context leaves out, without exceptions; undefined when there are any. */
  readonly ignored: IgnoredPaths | undefined;
  /** Name of the machine that RUN sees, if not just any. */
  readonly hostname: string | undefined;
  /** Parts the caches of RUN --mount=type=cache from those of other builds. */
  readonly cacheNamespace: string | undefined;
  /** Rights that RUN may ask for. */
  readonly allow: ReadonlySet<Entitlement>;
  readonly run: RunSettings;
  readonly budget: Budget;
  readonly steps: Step[];
  /** The files of a stage or image that has been evaluated. */
  filesOf(node: StageNode): FileState | undefined;
}

/** The patterns of an ignore file, and whether they leave out a path. */
export interface IgnoredPaths {
  readonly patterns: readonly string[];
  readonly matcher: IgnoreMatcher;
}

/** One instruction at its place in a stage: what it may ask, and what it may change. */
export class Place {
  readonly state: StageState;
  readonly surroundings: Surroundings;
  readonly command: Command;
  readonly #names: StepNames;
  readonly #stage: { readonly index: number; readonly name: string };
  readonly #linter: Linter;
  readonly #referred = new Set<string>();

  constructor(
    surroundings: Surroundings,
    state: StageState,
    stage: { readonly index: number; readonly name: string },
    names: StepNames,
    command: Command,
    linter: Linter,
  ) {
    this.surroundings = surroundings;
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

  /** One word with its variables replaced. Warns of those that are not set. */
  expand(word: string): string {
    return this.#expand(word, { escape: this.surroundings.escape });
  }

  /** The body of a here-document: quotes mean nothing, and the escape directive does not apply. */
  expandBody(body: string): string {
    // Expansion of a text that is too long already only takes time.
    if (body.length > limits.value) return this.surroundings.budget.value(body);
    return this.#expand(body, { quotes: "literal" });
  }

  /** The words of a text with its variables replaced. */
  expandWords(text: string): string[] {
    const { values, matched } = expandWords(text, this.state.scope, { escape: this.surroundings.escape });
    for (const name of matched) this.#referred.add(name);
    return values.map((value) => this.surroundings.budget.value(value));
  }

  #expand(text: string, options: ExpandOptions): string {
    const { scope } = this.state;
    try {
      const { value, matched, unmatched } = expandWord(text, scope, options);
      for (const name of matched) this.#referred.add(name);
      this.#reportUndefined(unmatched);
      return this.surroundings.budget.value(value);
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

  /** The instruction as progress shows it. */
  nameOf(source: string): string {
    return instructionName(source, this.state.scope, this.surroundings.escape);
  }

  /** Adds a step that changes the files of the stage. */
  addStep(
    definition: StepDefinition,
    {
      name,
      ...description
    }: Pick<StepDescription, "name" | "createdBy" | "proxies"> & Partial<Pick<StepDescription, "variables">>,
  ): void {
    const { steps, budget } = this.surroundings;
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

/** The variables that a text asks for in vain before it turns out that it cannot be expanded. */
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
