import type { StageInstruction } from "../../dockerfile/instruction.ts";
import { readInstruction } from "../../dockerfile/instructions.ts";
import type { Bases } from "./bases.ts";
import type { PlanBudget } from "./budget.ts";
import { commandOf } from "./build-graph.ts";
import { limits } from "./limits.ts";
import { attachLines, PlanFault } from "./plan-error.ts";
import { addCommands, type Command, type StageGraph, type StageNode } from "./stage-graph.ts";

/** Inserts the ONBUILD triggers of bases before the instructions of the stages built on them, once per stage. */
export class Triggers {
  readonly #graph: StageGraph;
  readonly #bases: Bases;
  readonly #budget: PlanBudget;
  readonly #done = new Set<StageNode>();

  constructor(graph: StageGraph, bases: Bases, budget: PlanBudget) {
    this.#budget = budget;
    this.#graph = graph;
    this.#bases = bases;
  }

  /**
   * Adds the triggers of a stage with a resolved base.
   * @returns whether the triggers read stages or images, which must then be resolved too.
   * @throws {DockerfileError} at the FROM for an invalid trigger.
   */
  add(node: StageNode): boolean {
    if (this.#done.has(node) || node.stage === undefined || node.replacement !== undefined) return false;
    this.#done.add(node);
    const texts = this.#textsFor(node);
    if (texts.length > limits.triggers) {
      const message = `The base has more than ${limits.triggers} ONBUILD triggers`;
      throw new PlanFault("plan/too-large", message).at(node.lines);
    }
    attachLines(node.lines, () => this.#budget.instructions(texts.length));
    const commands = texts.map((text) => this.#read(text, node));
    addCommands(node, commands, "first");
    return commands.some(({ sources }) => sources.length > 0);
  }

  #textsFor(node: StageNode): readonly string[] {
    if (node.base === undefined) return this.#bases.get(node)?.image.settings.onBuild ?? [];
    const commands = node.base.commands.map(({ instruction }) => instruction);
    return commands.flatMap((instruction) =>
      instruction.kind === "ONBUILD" ? [instruction.expression] : [],
    );
  }

  #read(text: string, node: StageNode): Command {
    const instruction = readInstruction(text, node.lines);
    if (instruction.kind === "FROM") {
      throw new PlanFault("plan/onbuild", `FROM isn't allowed as an ONBUILD trigger`).at(node.lines);
    }
    return commandOf(instruction as StageInstruction, this.#graph, "\\", true);
  }
}
