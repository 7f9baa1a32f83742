import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pathJudge } from "../../src/context/context-view.ts";
import { findContextFiles } from "../../src/machine/context-files.ts";
import { select } from "../../src/playground/project/selection.ts";
import { comparePaths } from "../../src/tar/text.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const name = fc.constantFrom("a", "b", "c.log", "node_modules", "x y");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const pattern = fc.oneof(
  path,
  path.map((text) => `!${text}`),
  fc.constantFrom("*", "**", "*.log", "**/*.log", "!**/b", "*/a", "!*/a/*", "node_modules/", "a/*"),
);

/** Files whose paths are not below the path of another file. */
function asFiles(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)];
  return unique.filter((one) => !unique.some((other) => other.startsWith(`${one}/`))).sort(comparePaths);
}

test("selects the same files in the browser as the command selects in a folder", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(path, { maxLength: 12 }),
      fc.array(pattern, { maxLength: 5 }),
      async (paths, patterns) => {
        using folder = temporaryFolder();
        const files = asFiles(paths);
        for (const file of files) {
          await mkdir(dirname(join(folder.path, file)), { recursive: true });
          await writeFile(join(folder.path, file), file);
        }
        const expected = (await findContextFiles(folder.path, { judge: pathJudge({ ignore: patterns }) }))
          .filter((entry) => typeof entry !== "number")
          .map((entry) => `${entry.type} ${entry.path}`);
        const selected = [...select(files, pathJudge({ ignore: patterns }))].map(
          (entry) => `${entry.isDirectory ? "dir" : "file"} ${entry.path}`,
        );
        expect(selected).toEqual(expected);
      },
    ),
    { numRuns: 150 },
  );
});
