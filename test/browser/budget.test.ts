import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, inject, test } from "vitest";
import { playgroundAssets } from "../../src/serve/playground-assets.ts";
import { openPage, useBrowser } from "./suite.ts";

useBrowser();

/** A file in Vite's manifest. */
interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
}

let folder: string;
let chunks: Record<string, Chunk>;

beforeAll(async () => {
  folder = await playgroundAssets();
  chunks = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
});

/** Returns chunks and all chunks that they import. */
function chunksOf(...names: string[]): Chunk[] {
  const found = new Set<Chunk>();
  const visit = (name: string) => {
    const chunk = chunks[name] as Chunk;
    if (found.has(chunk)) return;
    found.add(chunk);
    chunk.imports?.forEach(visit);
  };
  names.forEach(visit);
  return [...found];
}

/** Returns the JavaScript files that the named chunks need. */
function filesOf(...names: string[]): string[] {
  return chunksOf(...names).map(({ file }) => file);
}

/** Returns the number of bytes of files, each compressed separately. */
function size(...names: string[]): number {
  return filesOf(...names).reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
}

const workbench = ["index.html", "views/workbench/workbench.tsx"];
const editor = [
  "editor/dockerfile-extensions.ts",
  "editor/text-editor.ts",
  "editor/time-line.ts",
  "building/local-plan.ts",
];

test("the page loads at most 120 kB of compressed JavaScript before the editor, and 300 kB with it", () => {
  expect(size(...workbench)).toBeLessThan(120_000);
  expect(size(...workbench, ...editor)).toBeLessThan(300_000);
});

test("the first text needs at most 25 kB in two round trips, so that it appears within 2 s on slow 3G", () => {
  // The page lists all files that the first text needs: 400 ms for each round trip, and 25 kB at 50 kB/s.
  const html = readFileSync(join(folder, "index.html"));
  const named = [...html.toString().matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    ([, file]) => file as string,
  );
  const css = chunksOf("index.html").flatMap((chunk) => chunk.css ?? []);
  expect([...named].sort()).toEqual([...new Set([...filesOf("index.html"), ...css])].sort());
  const bytes = named.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
  expect(bytes + gzipSync(html).length).toBeLessThan(25_000);
});

test("the first plan needs so little work of the main thread that slow devices show it within 1.5 s", async () => {
  // CPU time, which does not depend on the load of the machine.
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const page = await openPage({ at: "/docs" });
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(inject("url"));
    await page.locator(".time-line-mark").first().waitFor();
    const { metrics } = await session.send("Performance.getMetrics");
    times.push(1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN));
  }
  console.log(`the main thread worked ${times.map(Math.round).join(", ")} ms until the plan`);
  expect(Math.min(...times)).toBeGreaterThan(10);
  // About 250 ms when measured: a second on a device with a quarter of the speed. Slower machines run this test too.
  expect(Math.min(...times)).toBeLessThan(600);
});

test("the terminal is loaded only when a container starts", () => {
  const terminal = "running/terminal-screen.ts";
  expect(size(...workbench, ...editor, terminal) - size(...workbench, ...editor)).toBeGreaterThan(50_000);
  expect(size(terminal)).toBeLessThan(130_000);
});

test("scripts and styles are files with unique names", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  for (const { file } of Object.values(chunks)) expect(file).toMatch(/^assets\/[\w.-]+-[\w-]{8}\.\w+$/);
});

test("caches revalidate the page and store its files forever; both have security headers", async () => {
  const url = inject("url");
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(page.headers.get("cache-control")).toBe("no-cache");
  const script = /src="([^"]+\.js)"/.exec(await page.text())?.[1] as string;
  const file = await fetch(`${url}${script}`);
  expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  for (const { headers } of [page, file]) {
    expect(headers.get("content-security-policy")).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-frame-options")).toBe("DENY");
  }
});

test("the Worker answers requests for anything but files of the page", async () => {
  const url = inject("url");
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/docs`)).status).toBe(200);
  expect((await fetch(`${url}/v2/`)).status).toBe(200);
  const missing = await fetch(`${url}/nothing`);
  expect(missing.status).toBe(404);
  expect(missing.headers.get("content-type")).toContain("application/problem+json");
  expect((await fetch(`${url}/manifest.json`)).status).toBe(404);
});
