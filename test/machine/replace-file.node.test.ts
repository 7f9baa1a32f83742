import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/machine/replace-file.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

test("the new file is readable only by the user", () => {
  using folder = temporaryFolder({ config: "old" });
  const file = join(folder.path, "config");
  replaceFile(file, "new");
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("nothing is left of a file that cannot be replaced", () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "config"));
  expect(() => replaceFile(join(folder.path, "config"), "secret")).toThrow("EISDIR");
  expect(readdirSync(folder.path)).toEqual(["config"]);
});
