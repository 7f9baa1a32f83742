import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { temporaryFolder, write } from "../helpers/temporary-folder.ts";

const stored = join(import.meta.dirname, "../../node_modules/.cache/varve");
const folder = temporaryFolder({
  "entry.ts": 'export * from "./value.ts";',
  "value.ts": "export const a = 1;",
});
const entry = join(folder.path, "entry.ts");

/** The stored bundle of the entry. */
function storedFile(): string {
  const name = readdirSync(stored).find((name) => name.includes(basename(folder.path)));
  if (name === undefined) throw new Error("no bundle is stored");
  return join(stored, name);
}

afterAll(() => {
  rmSync(storedFile());
  folder[Symbol.dispose]();
});

/** Bundles as another process would. */
async function bundle(): Promise<string> {
  vi.resetModules();
  const { bundleWorker } = await import("../../src/serve/worker-bundle.ts");
  return bundleWorker(entry);
}

test("a bundle is read from disk until a source changes", async () => {
  expect(await bundle()).toContain("a = 1");
  writeFileSync(storedFile(), readFileSync(storedFile(), "utf8").replace("a = 1", "a = 2"));
  expect(await bundle()).toContain("a = 2");
  write(folder.path, { "value.ts": "export const a = 'three';" });
  expect(await bundle()).toContain("three");
  rmSync(join(folder.path, "value.ts"));
  await expect(bundle()).rejects.toThrow("value.ts");
});

test("a source that changes while it is bundled is bundled again", async () => {
  const during = new Date(Date.now() + 3_600_000);
  for (const value of ["4", "5"]) {
    writeFileSync(join(folder.path, "value.ts"), `export const a = ${value};`);
    utimesSync(join(folder.path, "value.ts"), during, during);
    expect(await bundle()).toContain(`a = ${value}`);
  }
});
