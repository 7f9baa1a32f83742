import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { table } from "./table.ts";

// `profile.ts FILE.cpuprofile…`: the functions that used the most CPU time themselves, and with what they called.

interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

const SHOWN = 30;
/** Maximum milliseconds of a sample, because workerd takes no samples while it waits. */
const MAX_SAMPLE_MS = 5;
/** V8's names of waiting. */
const idle = new Set(["(idle)", "(program)", "(root)"]);

for (const file of process.argv.slice(2)) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nameOf = (id: number) => {
    const { functionName, url, lineNumber } = byId.get(id)?.callFrame ?? {
      functionName: "",
      url: "",
      lineNumber: 0,
    };
    return `${functionName || "(anonymous)"} ${url && `${basename(url)}:${lineNumber + 1}`}`.trim();
  };
  const ownOf = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    ownOf.set(id, (ownOf.get(id) ?? 0) + Math.min(MAX_SAMPLE_MS, (timeDeltas[index] ?? 0) / 1000));
  }
  const [own, all] = [new Map<string, number>(), new Map<string, number>()];
  const add = (times: Map<string, number>, name: string, time: number) =>
    times.set(name, (times.get(name) ?? 0) + time);
  const walk = (id: number, above: ReadonlySet<string>): number => {
    const name = nameOf(id);
    const time = ownOf.get(id) ?? 0;
    const inside = new Set([...above, name]);
    const total = (byId.get(id)?.children ?? []).reduce((sum, child) => sum + walk(child, inside), time);
    add(own, name, time);
    // A function that calls itself counts once.
    if (!above.has(name)) add(all, name, total);
    return total;
  };
  walk(nodes[0]?.id ?? 0, new Set());
  const busy = [...own].filter(([name]) => !idle.has(name));
  const sum = busy.reduce((total, [, time]) => total + time, 0);
  const rows = busy
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, time]) => [
      name,
      time.toFixed(0),
      ((100 * time) / sum).toFixed(1),
      (all.get(name) ?? 0).toFixed(0),
    ]);
  console.log(
    `${basename(file)}: ${sum.toFixed(0)} ms\n\n${table([["function", "own ms", "%", "all ms"], ...rows])}\n`,
  );
}
