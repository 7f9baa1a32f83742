import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readOptions } from "../../schemas/options.ts";
import { readInputs } from "../../src/engine/inputs.ts";
import { previewBuild } from "../../src/engine/preview/preview.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Measurement } from "../bench/builders/builder.ts";
import { type ContextFile, contextFiles } from "../bench/make-context.ts";
import { exampleProjects, projects } from "../bench/projects/index.ts";
import { dependencies } from "../bench/report/plan-graph.ts";
import { plot } from "../bench/report/plot.ts";
import { summarize } from "../bench/report/summary.ts";
import { median, table } from "../bench/report/table.ts";
import { examples } from "../differential/debian/examples.ts";
import { memoryWorld } from "../helpers/memory-world.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

describe("contextFiles()", () => {
  function first(count: number): ContextFile[] {
    const files: ContextFile[] = [];
    for (const file of contextFiles()) {
      if (files.push(file) === count) break;
    }
    return files;
  }

  it("writes the same files each time, and each path once", () => {
    const digest = () => {
      const hash = createHash("sha256");
      for (const { path, content } of first(400)) hash.update(path).update(content);
      return hash.digest("hex");
    };
    expect(digest()).toBe(digest());
    const paths = first(600).map((file) => file.path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it("writes text that compresses like source code", () => {
    const text = Buffer.concat(first(800).map(({ content }) => content));
    const share = gzipSync(text).length / text.length;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.32);
  });
});

describe("median()", () => {
  it("is the middle value, or the mean of the two in the middle", () => {
    expect(median([10, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe("table()", () => {
  it("is a Markdown table with numbers to the right", () => {
    const rows = [
      ["step", "docker"],
      ["a long step", "1.00 s"],
    ];
    expect(table(rows)).toBe(
      ["| step        | docker |", "| ----------- | -----: |", "| a long step | 1.00 s |"].join("\n"),
    );
  });
});

describe("dependencies()", () => {
  const dockerfile = `FROM scratch AS base
WORKDIR /app
FROM base AS tools
COPY a /a
FROM tools AS empty
FROM base AS left
COPY --from=empty /a /b
COPY b /c
FROM left
COPY --from=tools /a /d
COPY --from=left /c /e
`;

  it("follows stages, COPY --from and stages without steps", async () => {
    const context = { digest: "", tree: new TableBuilder().finish() };
    const inputs = await readInputs({ context, dockerfile, ignore: "" }, readOptions(new URLSearchParams()));
    const { platforms } = await previewBuild(inputs, new Map(), memoryWorld());
    const [{ plan, steps }] = platforms as [(typeof platforms)[number]];
    const range = ({ start, end }: { start: number; end: number }) => ({
      line: start,
      column: 1,
      endLine: end,
      endColumn: 1,
    });
    const graph = dependencies({
      platform: "",
      stages: plan.graph.stages.map((stage, index) => ({ ...stage, index, range: range(stage.lines) })),
      images: [],
      edges: plan.graph.edges.map(({ kind, to, from, lines }) => ({
        kind,
        to,
        from: "image" in from ? { image: String(from.image) } : from,
        range: range(lines),
      })),
      steps: steps.map((step) => ({ ...step, range: range(step.lines) })),
    });
    const lineOf = new Map(steps.map(({ id, lines }) => [id, lines.start]));
    const lines = [...graph].map(([id, inputs]) => [
      lineOf.get(id),
      inputs.map((input) => lineOf.get(input)),
    ]);
    expect(Object.fromEntries(lines)).toEqual({ 2: [], 4: [2], 7: [2, 4], 8: [7], 10: [8, 4], 11: [10, 8] });
  });
});

describe("summarize()", () => {
  const measurement = (seconds: number, path: number): Measurement => ({
    seconds,
    path,
    serverCpu: 1,
    clientCpu: 1,
    runs: [],
  });

  it("compares medians with docker's of the same run, for each other builder", () => {
    const summaries = summarize({
      scenario: "s",
      build: "cold",
      goal: 1,
      measurements: {
        docker: [measurement(4, 3), measurement(2, 1), measurement(9, 1)],
        "varve build": [measurement(2, 1), measurement(3, 2), measurement(1, 0.5)],
        "tar | curl": [measurement(8, 1)],
      },
    });
    expect(summaries.map(({ builder, ratio, overhead }) => [builder, ratio, overhead])).toEqual([
      ["varve build", 0.5, 1],
      ["tar | curl", 2, 7],
    ]);
  });
});

describe("plot()", () => {
  it("draws each point inside of its panel, the highest below the top", () => {
    const line = { name: "a & b", points: [[1, 0] as const, [10, 70] as const, [100, 90] as const] };
    const svg = plot("title", "MB", [{ title: "seconds", lines: [line] }]);
    expect(svg).toContain("a &#38; b");
    const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) =>
      [x, y].map(Number),
    );
    expect(circles.map(([x]) => x)).toEqual([0, 150, 300]);
    const [bottom, , top] = circles.map(([, y]) => y as number);
    expect(bottom).toBe(190);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(60);
  });
});

describe("projects", () => {
  const all = [...projects, ...exampleProjects];

  it("has each example that needs a Debian system, with unique names", () => {
    const names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(projects.length).toBeGreaterThanOrEqual(12);
    expect(exampleProjects.map(({ name }) => name).sort()).toEqual(
      examples.map(({ name }) => `example-${name}`).sort(),
    );
  });

  it.each(all.map((project) => [project.name, project] as const))(
    "%s has a Dockerfile and a file to edit",
    async (_name, project) => {
      using folder = temporaryFolder();
      await project.write(folder.path);
      const dockerfile = await readFile(join(folder.path, "Dockerfile"), "utf8");
      for (const [, image = ""] of dockerfile.matchAll(/^FROM (\S+:\S+)/gm))
        expect(project.bases).toContain(image);
      const before = await digestOf(folder.path);
      await project.builds.find(({ edit }) => edit !== undefined)?.edit?.(folder.path);
      expect(await digestOf(folder.path)).not.toBe(before);
    },
  );
});

/** Of the names and contents of all files below a folder. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    hash.update(file.slice(folder.length)).update(await readFile(file));
  }
  return hash.digest("hex");
}
