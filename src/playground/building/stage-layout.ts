import type { PlanResult } from "../../../schemas/plan.ts";

type Platform = PlanResult["platforms"][number];

/** A stage, or an image that a stage reads, with its position in the diagram. */
export interface GraphNode {
  id: string;
  name: string;
  /** The base of the stage. */
  detail: string;
  kind: "image" | "stage";
  needed: boolean;
  target: boolean;
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

interface StageLayout {
  nodes: GraphNode[];
  edges: GraphEdge[];
  width: number;
  height: number;
}

/** Size of a node in pixels. Two nodes fit side by side in the narrowest pane. */
export const NODE = { width: 140, height: 44 } as const;
export const GAP = { x: 16, y: 36 } as const;

/** Arranges stages and images in rows, so that each node is below all nodes that it reads. */
export function layOutStages({
  stages,
  images,
  edges,
}: Pick<Platform, "stages" | "images" | "edges">): StageLayout {
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
  const drawn: GraphEdge[] = [];
  for (const { from, to, kind } of edges) {
    const [source, end] = [nodes.get(idOf(from)), nodes.get(stageId(to))];
    if (source === undefined || end === undefined) continue;
    if (drawn.some((edge) => edge.from === source && edge.to === end && edge.kind === kind)) continue;
    drawn.push({ from: source, to: end, kind, needed: end.needed });
  }
  for (const node of nodes.values()) {
    if (node.kind === "image") node.needed = drawn.some(({ from, needed }) => from === node && needed);
  }
  const rows = rowsOf([...nodes.values()], drawn);
  for (const [row, members] of rows.entries()) {
    for (const [column, node] of members.entries()) {
      node.x = column * (NODE.width + GAP.x);
      node.y = row * (NODE.height + GAP.y);
    }
  }
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  return {
    nodes: [...nodes.values()],
    edges: drawn,
    width: Math.max(0, columns * (NODE.width + GAP.x) - GAP.x),
    height: Math.max(0, rows.length * (NODE.height + GAP.y) - GAP.y),
  };
}

const blank = { detail: "", needed: false, target: false, x: 0, y: 0 };

/** Assigns nodes to rows in one pass, because a stage reads only earlier stages. */
function rowsOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): GraphNode[][] {
  const rows: GraphNode[][] = [];
  const rowOf = new Map<GraphNode, number>();
  for (const node of nodes) {
    const before = edges.flatMap(({ from, to }) => (to === node ? [rowOf.get(from) ?? 0] : []));
    const row = before.length === 0 ? 0 : Math.max(...before) + 1;
    rowOf.set(node, row);
    rows[row] = [...(rows[row] ?? []), node];
  }
  return rows;
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
