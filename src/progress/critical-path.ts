/** A vertex of a build graph. */
interface Vertex {
  id: string;
  /** Vertices that must have ended before it starts. Unknown ids count as nothing. */
  inputs: readonly string[];
  /** Its own duration, in any unit. */
  duration: number;
}

/** The longest chain of vertices that wait for each other: no build with these durations is faster. */
interface CriticalPath {
  /** Sum of the durations. */
  duration: number;
  /** Ids from the first vertex to the last. */
  ids: string[];
}

/**
 * Finds the critical path of a build graph, in linear time.
 * @throws {RangeError} when the graph has a cycle
 */
export function criticalPath(vertices: readonly Vertex[]): CriticalPath {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const inputsOf = ({ inputs }: Vertex) => [...new Set(inputs)].filter((id) => byId.has(id));
  const missing = new Map([...byId.values()].map((vertex) => [vertex.id, inputsOf(vertex).length]));
  const readers = new Map<string, Vertex[]>();
  for (const vertex of byId.values()) {
    for (const id of inputsOf(vertex)) {
      const known = readers.get(id);
      if (known === undefined) readers.set(id, [vertex]);
      else known.push(vertex);
    }
  }
  const ends = new Map<string, { end: number; after: string | undefined }>();
  const ready = [...byId.values()].filter(({ id }) => missing.get(id) === 0);
  for (let vertex = ready.pop(); vertex !== undefined; vertex = ready.pop()) {
    const { id, duration } = vertex;
    let start = 0;
    let after: string | undefined;
    for (const input of inputsOf(vertex)) {
      const end = ends.get(input)?.end ?? 0;
      if (after !== undefined && end <= start) continue;
      start = end;
      after = input;
    }
    ends.set(id, { end: start + duration, after });
    for (const reader of readers.get(id) ?? []) {
      const left = (missing.get(reader.id) ?? 0) - 1;
      missing.set(reader.id, left);
      if (left === 0) ready.push(reader);
    }
  }
  const cyclic = [...byId.keys()].find((id) => !ends.has(id));
  if (cyclic !== undefined) throw new RangeError(`The build graph has a cycle at ${cyclic}`);
  let last: string | undefined;
  for (const [id, { end }] of ends) if (last === undefined || end > (ends.get(last)?.end ?? 0)) last = id;
  const duration = last === undefined ? 0 : (ends.get(last)?.end ?? 0);
  const ids: string[] = [];
  for (let id = last; id !== undefined; id = ends.get(id)?.after) ids.push(id);
  return { duration, ids: ids.reverse() };
}
