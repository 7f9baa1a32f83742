import { expect, test } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { ServeProcess } from "./serve-process.ts";

test("npm run demo builds three times, explains the results, and exits", { timeout: 60_000 }, async () => {
  using data = temporaryFolder();
  await using demo = new ServeProcess({ VARVE_DATA: data.path }, "src/cli/demo/demo.ts");
  expect(await demo.ended()).toBe(0);
  expect(demo.stderr).toBe("");
  const [first = "", second = "", third = ""] = demo.stdout
    .split(/First build|Second build|Third build/)
    .slice(1);
  expect(first).toMatch(/DONE \d/);
  expect(first).toContain('"schemaVersion": 2');
  expect(first).toMatch(/docker pull localhost:\d+\/hello/);
  expect(second).toContain("CACHED");
  expect(second).not.toMatch(/COPY.*\n#\d+ DONE/);
  expect(third).toContain('"public/style.css" changed');
  expect(demo.stdout).toContain("naming to hello:latest done");
});
