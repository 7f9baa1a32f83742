import type { LineRange, Stage, StageInstruction } from "../../dockerfile/instruction.ts";
import { quoteGo } from "../../dockerfile/quote.ts";
import { suggest } from "../../dockerfile/suggest.ts";
import type { Platform } from "../../oci/platform.ts";
import { limits } from "./limits.ts";
import type { NamedContext } from "./named-context.ts";
import { nowhere, PlanFault } from "./plan-error.ts";

/** An instruction of a stage with the stages and images that it reads. */
export interface Command {
  readonly instruction: StageInstruction;
  readonly lines: LineRange;
  /** COPY --from: one source; RUN: one for each `--mount`, undefined without `from`. */
  readonly sources: readonly (StageNode | undefined)[];
  /** Whether the instruction is an ONBUILD trigger of a base. */
  readonly isTrigger: boolean;
}

/** A stage, or an image that COPY --from or RUN --mount names. */
export interface StageNode {
  /** The parsed stage; undefined for an image. */
  readonly stage: Stage | undefined;
  /** Position among the FROM instructions; -1 for an image. */
  readonly index: number;
  /** The argument of FROM (expanded) or the value of `from=`. */
  readonly baseName: string;
  readonly lines: LineRange;
  /** The given name, or `stage-<index>`; empty for an image. */
  displayName: string;
  /** Value of FROM --platform. */
  readonly platform: Platform | undefined;
  /** The stage that FROM names; undefined when it names an image. */
  readonly base: StageNode | undefined;
  /** A named context that replaces the whole stage: its instructions are not evaluated. */
  readonly replacement: NamedContext | undefined;
  commands: Command[];
  readonly dependencies: Map<StageNode, LineRange>;
}

/** All stages of a Dockerfile and the edges between them. */
export class StageGraph {
  readonly stages: StageNode[] = [];
  readonly #byName = new Map<string, StageNode>();
  readonly #images = new Map<string, StageNode>();

  /** The images that instructions read. */
  get images(): Iterable<StageNode> {
    return this.#images.values();
  }

  /** Adds the next stage. A duplicate name refers to the new stage from here on. */
  add(node: StageNode): void {
    this.stages.push(node);
    if (node.stage?.from.name) this.#byName.set(node.stage.from.name.toLowerCase(), node);
  }

  /** The latest stage of that name, ignoring case unless `exactly`. */
  find(name: string, exactly = false): StageNode | undefined {
    return this.#byName.get(exactly ? name : name.toLowerCase());
  }

  /** Stage names for suggestions. */
  names(): string[] {
    return this.stages.map((stage) => stage.displayName);
  }

  /** The node for an image; instructions that name the same image share it. */
  image(name: string, lines: LineRange): StageNode {
    const known = this.#images.get(name);
    if (known !== undefined) return known;
    if (this.#images.size === limits.images) {
      throw new PlanFault("plan/too-large", `The Dockerfile names more than ${limits.images} images`);
    }
    const node: StageNode = {
      stage: undefined,
      index: -1,
      baseName: name,
      lines,
      displayName: "",
      platform: undefined,
      base: undefined,
      replacement: undefined,
      commands: [],
      dependencies: new Map(),
    };
    this.#images.set(name, node);
    return node;
  }

  /**
   * The stage to build: the named one, or the last.
   * @throws {DockerfileError} for an unknown name.
   */
  target(name: string | undefined): StageNode {
    const target = name ? this.find(name) : this.stages.at(-1);
    if (target !== undefined) return target;
    const message = `target stage ${quoteGo(name ?? "")} could not be found`;
    throw new PlanFault("plan/unknown-target", message, suggest(name ?? "", this.names())).at(nowhere);
  }

  /**
   * Resolves COPY --from or RUN --mount=from= to a stage, or else to an image.
   * @param allowIndex whether a number is a stage index.
   * @throws {PlanFault} for an unknown stage index.
   */
  source(name: string, lines: LineRange, allowIndex: boolean): StageNode {
    if (allowIndex && /^[-+]?[0-9]+$/.test(name)) {
      const stage = this.stages[Number(name)];
      if (stage === undefined)
        throw new PlanFault("plan/unknown-stage", `invalid stage index ${Number(name)}`).about(name);
      return stage;
    }
    return this.find(name) ?? this.image(name, lines);
  }
}

/** Adds commands to a stage and links it to the stages they read. */
export function addCommands(node: StageNode, commands: readonly Command[], where: "first" | "last"): void {
  node.commands = where === "first" ? [...commands, ...node.commands] : [...node.commands, ...commands];
  for (const { sources, lines } of commands) {
    for (const source of sources) if (source !== undefined) node.dependencies.set(source, lines);
  }
}

/** A stage with its direct and indirect dependencies. */
export function reachableFrom(target: StageNode): Set<StageNode> {
  const reached = new Set<StageNode>();
  const pending = [target];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    if (node.base !== undefined) pending.push(node.base);
    pending.push(...node.dependencies.keys());
  }
  return reached;
}

/**
 * Rejects stages that depend on themselves.
 * @throws {DockerfileError} at the instruction that closes the first cycle.
 */
export function rejectCycles(graph: StageGraph): void {
  const done = new Set<StageNode>();
  for (const start of graph.stages) {
    const path: { node: StageNode; edges: Iterator<[StageNode, LineRange]> }[] = [];
    const enter = (node: StageNode): void => {
      done.add(node);
      path.push({ node, edges: node.dependencies.entries() });
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value: edge } = top.edges.next();
      if (edge === undefined) path.pop();
      else if (path.some(({ node }) => node === edge[0])) {
        const message = `circular dependency detected on stage: ${start.displayName}`;
        throw new PlanFault("plan/circular-stages", message).at(edge[1]);
      } else if (!done.has(edge[0])) enter(edge[0]);
    }
  }
}
