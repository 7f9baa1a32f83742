import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A new folder, deleted after the other hooks of the file. */
export function testFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `varve-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
