import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Curve } from "../growth/growth.ts";
import { plot } from "./plot.ts";
import { type Summary, summaryTable } from "./summary.ts";

// `update-docs.ts RESULTS.json…`: writes what the benchmark measured into docs/performance.md, between the comments that
// name the parts, and the curves into docs/plots. Parts that no file has stay as they are.

interface Results {
  machine: Record<string, string | number>;
  rounds: number;
  parts: Record<string, { summaries: Summary[] } | Curve[]>;
}

const docs = join(import.meta.dirname, "../../../docs");
const page = join(docs, "performance.md");
let text = await readFile(page, "utf8");
for (const file of process.argv.slice(2)) {
  const { machine, rounds, parts } = JSON.parse(await readFile(file, "utf8")) as Results;
  for (const [part, measured] of Object.entries(parts)) {
    if (Array.isArray(measured)) {
      for (const curve of measured) await writePlot(curve);
    } else {
      const how = rounds === 1 ? "one round" : `medians of ${rounds} alternating rounds`;
      const head = `Docker ${machine.docker}, ${machine.cores} cores; ${how}.`;
      replacePart(part, `${head}\n\n${summaryTable(measured.summaries)}`);
    }
  }
}
await writeFile(page, text);

function replacePart(part: string, content: string): void {
  const [start, end] = [`<!-- bench ${part} -->`, `<!-- end of ${part} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for ${part}: ${start} … ${end}`);
  text = `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

async function writePlot({ name, unit, points }: Curve): Promise<void> {
  const kinds = [...new Set(points.flatMap(({ operations }) => Object.keys(operations)))].sort();
  await mkdir(join(docs, "plots"), { recursive: true });
  const file = join(docs, "plots", `${name.replaceAll(" ", "-")}.svg`);
  await writeFile(
    file,
    plot(`Growth over ${name}`, unit, [
      {
        title: "seconds",
        lines: [
          { name: "varve", points: points.map(({ x, varveSeconds }) => [x, varveSeconds]) },
          { name: "docker", points: points.map(({ x, dockerSeconds }) => [x, dockerSeconds]) },
        ],
      },
      {
        title: "peak memory of the server, MB",
        lines: [{ name: "varve", points: points.map(({ x, memory }) => [x, memory / 1e6]) }],
      },
      {
        title: "storage operations",
        lines: kinds.map((kind) => ({
          name: kind,
          points: points.map(({ x, operations }) => [x, operations[kind] ?? 0]),
        })),
      },
    ]),
  );
}
