import type { PlanResult } from "../../../schemas/plan.ts";

type Platform = PlanResult["platforms"][number];

/** A stage, or an image that one reads, with its place in the drawing. */
export interface GraphNode {
  id: string;
  name: string;
  /** What a stage begins with. */
  detail: string;
  kind: "image" | "stage";
  needed: boolean;
  target: boolean;
  /** Line of its FROM. */
  line?: number;
  x: number;
  y: number;
}

export interface GraphEdge {
  from: GraphNode;
  to: GraphNode;
  kind: "from" | "copy" | "mount";
  needed: boolean;
}

export interface StageGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  width: number;
  height: number;
}

export const NODE = { width: 168, height: 44 } as const;
const GAP = { x: 56, y: 20 } as const;

/** Lays stages out in columns: each stands to the right of all that it reads. */
export function layOut({ stages, images, edges }: Pick<Platform, "stages" | "images" | "edges">): StageGraph {
  const nodes = new Map<string, GraphNode>();
  const used = new Set(edges.flatMap(({ from }) => ("image" in from ? [from.image] : [])));
  for (const { id, reference } of images) {
    if (used.has(id)) nodes.set(imageId(id), { ...blank, id: imageId(id), name: reference, kind: "image" });
  }
  for (const { index, name, from, needed, target, range } of stages) {
    const id = stageId(index);
    nodes.set(id, {
      ...blank,
      id,
      name: name || `stage-${index}`,
      detail: from,
      kind: "stage",
      needed,
      target,
      line: range.line,
    });
  }
  const lines: GraphEdge[] = [];
  for (const { from, to, kind } of edges) {
    const [source, end] = [nodes.get(idOf(from)), nodes.get(stageId(to))];
    if (source === undefined || end === undefined) continue;
    if (lines.some((line) => line.from === source && line.to === end && line.kind === kind)) continue;
    lines.push({ from: source, to: end, kind, needed: end.needed });
  }
  for (const node of nodes.values()) {
    if (node.kind === "image") node.needed = lines.some(({ from, needed }) => from === node && needed);
  }
  const columns = columnsOf([...nodes.values()], lines);
  for (const [column, members] of columns.entries()) {
    for (const [row, node] of members.entries()) {
      node.x = column * (NODE.width + GAP.x);
      node.y = row * (NODE.height + GAP.y);
    }
  }
  const most = Math.max(0, ...columns.map(({ length }) => length));
  return {
    nodes: [...nodes.values()],
    edges: lines,
    width: Math.max(0, columns.length * (NODE.width + GAP.x) - GAP.x),
    height: Math.max(0, most * (NODE.height + GAP.y) - GAP.y),
  };
}

const blank = { detail: "", needed: false, target: false, x: 0, y: 0 };

/** A stage reads only stages above it, so one pass in their order finds the longest ways. */
function columnsOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphNode[][] {
  const columns: GraphNode[][] = [];
  const columnOf = new Map<GraphNode, number>();
  for (const node of nodes) {
    const before = edges.flatMap(({ from, to }) => (to === node ? [columnOf.get(from) ?? 0] : []));
    const column = before.length === 0 ? 0 : Math.max(...before) + 1;
    columnOf.set(node, column);
    columns[column] = [...(columns[column] ?? []), node];
  }
  return columns;
}

function idOf(from: { stage: number } | { image: string }): string {
  return "image" in from ? imageId(from.image) : stageId(from.stage);
}

function imageId(id: string): string {
  return `image ${id}`;
}

function stageId(index: number): string {
  return `stage ${index}`;
}
