import type { Bases } from "./bases.ts";
import type { GraphStage, PlannedEdge, PlannedGraph } from "./build-plan.ts";
import { type Command, reachableFrom, type StageGraph, type StageNode } from "./stage-graph.ts";

/** All stages and their dependencies, for display. */
export function graphView(graph: StageGraph, bases: Bases, target: StageNode): PlannedGraph {
  const needed = reachableFrom(target);
  const stages = graph.stages.map((node): GraphStage => {
    return {
      name: node.displayName,
      from: node.baseName,
      lines: node.lines,
      endLine: Math.max(node.lines.end, ...(node.stage?.instructions ?? []).map(({ lines }) => lines.end)),
      needed: needed.has(node),
      target: node === target,
    };
  });
  return { stages, edges: graph.stages.flatMap((node) => edgesOf(node, bases)) };
}

function edgesOf(node: StageNode, bases: Bases): PlannedEdge[] {
  const edges: PlannedEdge[] = [];
  const to = node.index;
  const base = node.base === undefined ? imageOf(node, bases) : { stage: node.base.index };
  if (base !== undefined) edges.push({ kind: "from", from: base, to, lines: node.lines });
  if (node.replacement !== undefined) return edges;
  for (const { instruction, sources, lines } of node.commands satisfies readonly Command[]) {
    for (const source of sources) {
      if (source === undefined) continue;
      const from = source.stage === undefined ? imageOf(source, bases) : { stage: source.index };
      if (from !== undefined)
        edges.push({ kind: instruction.kind === "RUN" ? "mount" : "copy", from, to, lines });
    }
  }
  return edges;
}

/** The image of a resolved base; undefined for scratch and for files that replace an image. */
function imageOf(node: StageNode, bases: Bases): { image: number } | undefined {
  const files = bases.get(node)?.files;
  return files?.kind === "image" ? { image: files.image } : undefined;
}
