import type { LineRange, Stage, StageInstruction } from "../../dockerfile/instruction.ts";
import { quote } from "../../dockerfile/quote.ts";
import { suggest } from "../../dockerfile/suggest.ts";
import type { Platform } from "../../oci/platform.ts";
import { limits } from "./limits.ts";
import type { NamedContext } from "./named-context.ts";
import { nowhere, PlanFault } from "./plan-error.ts";

/** An instruction of a stage with the stages and images that it reads. */
export interface Command {
  readonly instruction: StageInstruction;
  readonly lines: LineRange;
  /** COPY --from: one; RUN: one per `--mount`, undefined for those without `from`. */
  readonly sources: readonly (StageNode | undefined)[];
  /** Came from a base as an ONBUILD trigger. */
  readonly isTrigger: boolean;
}

/** A stage, or an image that COPY --from or RUN --mount names as if it were one. */
export interface StageNode {
  /** The stage as it stands in the Dockerfile; undefined for an image. */
  readonly stage: Stage | undefined;
  /** Position among the FROM instructions; -1 for an image. */
  readonly index: number;
  /** Text after FROM (expanded) or `from=`. */
  readonly baseName: string;
  readonly lines: LineRange;
  /** The name given, or `stage-<index>`; empty for an image. */
  displayName: string;
  /** Value of FROM --platform. */
  readonly platform: Platform | undefined;
  /** The stage that FROM names. */
  readonly base: StageNode | undefined;
  /** A named context that stands for the whole stage: its instructions are not carried out. */
  readonly replacement: NamedContext | undefined;
  commands: Command[];
  readonly dependencies: Map<StageNode, LineRange>;
}

/** All stages of a Dockerfile and the edges between them. */
export class StageGraph {
  readonly stages: StageNode[] = [];
  readonly #byName = new Map<string, StageNode>();
  readonly #images = new Map<string, StageNode>();

  /** Images that instructions read as if they were stages. */
  get images(): Iterable<StageNode> {
    return this.#images.values();
  }

  /** Adds the next stage; a name that was taken means the new one from here on. */
  add(node: StageNode): void {
    this.stages.push(node);
    if (node.stage?.from.name) this.#byName.set(node.stage.from.name.toLowerCase(), node);
  }

  /** The latest stage of that name. Upper and lower case are the same, unless `exactly`. */
  find(name: string, exactly = false): StageNode | undefined {
    return this.#byName.get(exactly ? name : name.toLowerCase());
  }

  /** Names for suggestions. */
  names(): string[] {
    return this.stages.map((stage) => stage.displayName);
  }

  /** An image that an instruction reads; instructions that name the same one share it. */
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
   * The stage to build: that of the name, or the last.
   *
   * @throws {DockerfileError} when there is no stage of that name.
   */
  target(name: string | undefined): StageNode {
    const target = name ? this.find(name) : this.stages.at(-1);
    if (target !== undefined) return target;
    const message = `target stage ${quote(name ?? "")} could not be found`;
    throw new PlanFault("plan/unknown-target", message, suggest(name ?? "", this.names())).at(nowhere);
  }

  /**
   * What COPY --from or RUN --mount=from= names: a stage, or else an image.
   *
   * @param allowIndex whether a number is the position of a stage.
   * @throws {PlanFault} when there is no stage at that position.
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

/** Links a command to what it reads, and its stage with it. */
export function addCommands(node: StageNode, commands: readonly Command[], where: "first" | "last"): void {
  node.commands = where === "first" ? [...commands, ...node.commands] : [...node.commands, ...commands];
  for (const { sources, lines } of commands) {
    for (const source of sources) if (source !== undefined) node.dependencies.set(source, lines);
  }
}

/** A stage with everything it needs, directly or not. */
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
 * Makes sure that no stage copies from itself, however indirectly.
 *
 * @throws {DockerfileError} at the instruction that closes the first circle.
 */
export function refuseCircles(graph: StageGraph): void {
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
