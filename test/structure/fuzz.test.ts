import { expect, test } from "vitest";
import { caseOf } from "../differential/fuzz/draft.ts";
import { generate } from "../differential/fuzz/generate.ts";
import { minimise } from "../differential/fuzz/minimise.ts";
import { Random } from "../differential/fuzz/random.ts";
import { generateWide } from "../differential/fuzz/wide/generate.ts";

const draftOf = (seed: number) => generate(new Random(seed), "case");

test.each([generate, generateWide])(
  "equal seeds give equal cases, and different seeds different ones: %o",
  (make) => {
    expect(make(new Random(7), "case")).toEqual(make(new Random(7), "case"));
    expect(make(new Random(8), "case")).not.toEqual(make(new Random(7), "case"));
  },
);

test("cases are plausible: stages with instructions, a context, sometimes an ignore file", () => {
  const drafts = Array.from({ length: 300 }, (_, seed) => draftOf(seed));
  for (const draft of drafts) {
    expect(draft.instructions[0]).toMatch(/^FROM (scratch|varve\/\w+:1) AS s0$/);
    expect(Object.keys(draft.context).length).toBeGreaterThan(0);
  }
  const all = drafts.flatMap(({ instructions }) => instructions).join("\n");
  for (const part of ["COPY --from=s0", "ADD in.tar", "RUN <<end", "ONBUILD", "--chown=", "--chmod="])
    expect(all).toContain(part);
  expect(drafts.some(({ ignore }) => ignore.some((line) => line.startsWith("!")))).toBe(true);
  const entries = drafts.flatMap(({ context }) => Object.values(context));
  for (const kind of ["symlink", "hardlink", "tar", "dir"])
    expect(entries.some((entry) => typeof entry === "object" && kind in entry)).toBe(true);
});

test("a case becomes as small as its difference allows", async () => {
  const draft = {
    name: "case",
    instructions: ["FROM scratch AS s0", "COPY a /", "COPY b /", "WORKDIR /w"],
    context: { a: "a", b: "b", c: "c" },
    ignore: ["x", "y"],
  };
  const isInteresting = async ({ instructions, context }: typeof draft) =>
    instructions.includes("COPY b /") && "b" in context;
  const smallest = await minimise(draft, (smaller) => isInteresting(smaller as typeof draft), 100);
  expect(caseOf(smallest)).toEqual({
    name: "case",
    dockerfile: "FROM scratch AS s0\nCOPY b /\n",
    context: { b: "b" },
  });
});
