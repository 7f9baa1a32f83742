import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { BuildProgress } from "../../src/progress/build-progress.ts";
import { PlainText } from "../../src/progress/plain-text.ts";

const folder = join(import.meta.dirname, "../fixtures/progress");
const eventsOf = (name: string) =>
  readFileSync(join(folder, `${name}.ndjson`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as BuildEvent);

// Builds of three stages with `RUN for i in 1 2 3; do echo …; sleep 1; done`, recorded from a server with two slots.
test.each(["parallel", "failing"])("the plain text of a recorded build is as expected: %s", async (name) => {
  const plain = new PlainText();
  const text = eventsOf(name)
    .map((event) => plain.add(event))
    .join("");
  await expect(text).toMatchFileSnapshot(join(folder, `${name}.txt`));
});

test("the state of a recorded build is as expected", () => {
  const { steps, status, export: exported } = BuildProgress.of(eventsOf("parallel"));
  expect(status).toBe("done");
  expect(new Set([...steps.values()].map(({ state }) => state))).toEqual(new Set(["done"]));
  const runs = [...steps.values()].filter(({ name }) => name.includes("RUN for"));
  expect(runs).toHaveLength(3);
  for (const { milliseconds } of runs) expect(milliseconds).toBeGreaterThan(3000);
  expect(exported?.state).toBe("done");
});
