/** The time of a RUN step that executed. */
export interface RunTime {
  /** As `[build 2/4] RUN make`. */
  name: string;
  /** Of the step, with everything that the builder does for it. */
  seconds: number;
  /** Of its process; docker's includes what it does around it. */
  processSeconds: number;
}

/** A vertex of a build graph. */
export interface Vertex {
  id: string;
  /** Vertices that must have ended before it starts. */
  inputs: readonly string[];
  seconds: number;
}

/**
 * Seconds of the longest chain of vertices that wait for each other.
 * @throws {RangeError} when the graph has a cycle
 */
export function criticalPath(vertices: readonly Vertex[]): number {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const ends = new Map<string, number>();
  const endOf = (id: string, chain: readonly string[]): number => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    if (chain.includes(id)) throw new RangeError(`The build graph has a cycle at ${id}`);
    const vertex = byId.get(id);
    if (vertex === undefined) return 0;
    const start = Math.max(0, ...vertex.inputs.map((input) => endOf(input, [...chain, id])));
    ends.set(id, start + vertex.seconds);
    return start + vertex.seconds;
  };
  return Math.max(0, ...vertices.map(({ id }) => endOf(id, [])));
}
