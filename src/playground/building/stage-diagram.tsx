import "./stage-diagram.css";
import type { PlanResult } from "../../../schemas/plan.ts";
import { escapeInvisible } from "../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { GAP, type GraphEdge, type GraphNode, layOutStages, NODE } from "./stage-layout.ts";

/** Margin around the diagram in pixels, for the outlines of nodes. */
const MARGIN = 4;
/** Maximum number of characters of a node's name. */
const MAX_NAME = 18;

interface StageDiagramProps {
  platform: PlanResult["platforms"][number];
  /** Called with the line of the stage that the user selected. */
  onChoose(line: number): void;
}

/** Draws the stages, their base images, and what each stage reads. Stages that the target does not need are pale. */
export function StageDiagram({ platform, onChoose }: StageDiagramProps) {
  const text = messages.value.graph;
  const { nodes, edges, width, height } = layOutStages(platform);
  return (
    <figure class="stage-diagram">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it. */}
      <section class="stage-diagram-scroll" tabIndex={0} aria-label={text.title}>
        <svg
          width={width + 2 * MARGIN}
          height={height + 2 * MARGIN}
          viewBox={`${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`}
          aria-hidden="true"
        >
          <defs>
            <marker
              id="stage-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M1 1l6 3-6 3" />
            </marker>
          </defs>
          {edges.map((edge) => (
            <path
              key={`${edge.from.id} ${edge.to.id} ${edge.kind}`}
              class={`stage-edge stage-edge-${edge.kind}${edge.needed ? "" : " stage-unneeded"}`}
              d={curve(edge)}
              marker-end="url(#stage-arrow)"
            />
          ))}
          {nodes.map((node) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: keyboard users choose a stage in the list below.
            <g
              key={node.id}
              class={`stage-node stage-node-${node.kind}${node.target ? " stage-target" : ""}${node.needed ? "" : " stage-unneeded"}`}
              transform={`translate(${node.x} ${node.y})`}
              onClick={() => node.line !== undefined && onChoose(node.line)}
            >
              <title>{escapeInvisible(`${node.name} ${node.detail}`)}</title>
              <rect width={NODE.width} height={NODE.height} rx={4} />
              <text x={10} y={node.detail === "" ? 27 : 18}>
                {shorten(node.name)}
              </text>
              {node.detail !== "" && (
                <text class="stage-detail" x={10} y={35}>
                  {shorten(`FROM ${node.detail}`)}
                </text>
              )}
            </g>
          ))}
        </svg>
      </section>
      <figcaption class="soft">{text.legend}</figcaption>
      <ul class="stage-list">
        {nodes
          .filter(({ kind }) => kind === "stage")
          .map((node) => (
            <li key={node.id}>
              <button type="button" onClick={() => onChoose(node.line ?? 1)}>
                {describe(node, edges)}
              </button>
            </li>
          ))}
      </ul>
    </figure>
  );
}

function describe(node: GraphNode, edges: readonly GraphEdge[]): string {
  const text = messages.value.graph;
  const sources = edges.flatMap(({ from, to, kind }) =>
    to === node && kind !== "from" ? [escapeInvisible(from.name)] : [],
  );
  const what = text.stage(escapeInvisible(node.name), escapeInvisible(node.detail), sources);
  if (node.target) return `${what} ${text.target}`;
  return node.needed ? what : `${what} ${text.unneeded}`;
}

function curve({ from, to }: GraphEdge): string {
  // An edge that skips rows in its column bends around the nodes in between.
  const isPast = from.x === to.x && to.y - from.y > NODE.height + GAP.y;
  const [x0, y0] = [from.x + NODE.width / 2, from.y + NODE.height];
  const [x1, y1] = [to.x + NODE.width / 2, to.y - 2];
  const aside = isPast ? NODE.width * 0.75 : 0;
  const bend = isPast ? GAP.y : (y1 - y0) / 2;
  return `M${x0} ${y0}C${x0 + aside} ${y0 + bend} ${x1 + aside} ${y1 - bend} ${x1} ${y1}`;
}

function shorten(text: string): string {
  const shown = escapeInvisible(text);
  return shown.length > MAX_NAME ? `${shown.slice(0, MAX_NAME - 1)}…` : shown;
}
