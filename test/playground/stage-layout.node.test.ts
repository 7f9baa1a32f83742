import { expect, test } from "vitest";
import { GAP, layOutStages, NODE } from "../../src/playground/building/stage-layout.ts";

const range = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const stage = (index: number, name: string, from: string, needed = true) => ({
  index,
  name,
  from,
  needed,
  target: false,
  range,
  endLine: 1,
});
const graph = layOutStages({
  images: [
    { id: "0", reference: "docker.io/library/debian:13" },
    { id: "unread", reference: "docker.io/library/x:1" },
  ],
  stages: [
    stage(0, "base", "debian:13"),
    stage(1, "notes", "scratch", false),
    stage(2, "tools", "base"),
    { ...stage(3, "", "scratch"), target: true },
  ],
  edges: [
    { kind: "from", from: { image: "0" }, to: 0, range },
    { kind: "from", from: { stage: 0 }, to: 2, range },
    { kind: "copy", from: { stage: 2 }, to: 3, range },
    { kind: "copy", from: { stage: 2 }, to: 3, range },
    { kind: "mount", from: { stage: 0 }, to: 3, range },
  ],
});
const at = (name: string) => graph.nodes.find((node) => node.name === name);

test("stages are below the stages that they read", () => {
  const row = (name: string) => (at(name)?.y ?? -1) / (NODE.height + GAP.y);
  expect(["docker.io/library/debian:13", "base", "tools", "stage-3", "notes"].map(row)).toEqual([
    0, 1, 2, 3, 0,
  ]);
  const places = graph.nodes.map(({ x, y }) => `${x} ${y}`);
  expect(new Set(places).size).toBe(places.length);
  for (const { x, y } of graph.nodes) {
    expect(x + NODE.width).toBeLessThanOrEqual(graph.width);
    expect(y + NODE.height).toBeLessThanOrEqual(graph.height);
  }
});

test("each kind of input is one edge, and unused images are omitted", () => {
  expect(graph.edges.map(({ from, to, kind }) => `${from.name} ${kind} ${to.name}`)).toEqual([
    "docker.io/library/debian:13 from base",
    "base from tools",
    "tools copy stage-3",
    "base mount stage-3",
  ]);
  expect(at("docker.io/library/x:1")).toBeUndefined();
  expect(at("docker.io/library/debian:13")?.needed).toBe(true);
  expect(at("notes")?.needed).toBe(false);
});

test("without stages, there is no diagram", () => {
  expect(layOutStages({ images: [], stages: [], edges: [] })).toEqual({
    nodes: [],
    edges: [],
    width: 0,
    height: 0,
  });
});
