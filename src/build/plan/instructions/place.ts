import { expandWord, expandWords, type References } from "../../../dockerfile/expand.ts";
import type { LineRange } from "../../../dockerfile/instruction.ts";
import type { Linter } from "../../../dockerfile/lint/linter.ts";
import type { RuleDetails, RuleName } from "../../../dockerfile/lint/rules.ts";
import { suggest } from "../../../dockerfile/suggest.ts";
import type { IgnoreMatcher } from "../../../dockerignore/match.ts";
import { type BuildArgs, bounded } from "../global-args.ts";
import { limits } from "../limits.ts";
import { PlanFault } from "../plan-error.ts";
import type { Scope } from "../scope.ts";
import type { Command, StageNode } from "../stage-graph.ts";
import type { StageState } from "../stage-state.ts";
import type { FileState, Step, StepDefinition, StepDescription } from "../step.ts";
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
    const { scope } = this.state;
    const expanded = expandWord(word, scope, { escape: this.surroundings.escape });
    this.#reportUndefined(expanded);
    return bounded(expanded.value);
  }

  /** The words of a text with its variables replaced. */
  expandWords(text: string): string[] {
    return expandWords(text, this.state.scope, { escape: this.surroundings.escape }).values.map(bounded);
  }

  /** The body of a here-document: quotes mean nothing, and the escape directive does not apply. */
  expandBody(body: string): string {
    const expanded = expandWord(body, this.state.scope, { quotes: "literal" });
    this.#reportUndefined(expanded);
    return bounded(expanded.value);
  }

  #reportUndefined({ unmatched }: References): void {
    if (unmatched.size === 0 || this.state.scope.isOpen) return;
    for (const name of unmatched) {
      if (this.state.args.some(({ key }) => key === name)) continue;
      this.warn("UndefinedVar", name, suggest(name, this.state.scope.names()));
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
    { name, ...description }: Pick<StepDescription, "name" | "createdBy" | "proxies">,
  ): void {
    const { steps } = this.surroundings;
    if (steps.length === limits.steps) {
      throw new PlanFault("plan/too-large", `The Dockerfile has more than ${limits.steps} steps`);
    }
    const step: Step = {
      index: steps.length,
      definition,
      description: {
        name: this.#names.next(name, this.state.scope, this.command.isTrigger),
        lines: this.lines,
        stage: this.#stage.index,
        ...description,
      },
    };
    steps.push(step);
    this.state.files = { kind: "step", step: step.index };
  }
}
