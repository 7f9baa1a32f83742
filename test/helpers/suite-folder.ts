import { afterAll } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

/** Makes a folder for the tests of a file or of a `describe`, which is deleted after them and after their own hooks. */
export function suiteFolder(): string {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.dispose]());
  return folder.path;
}
