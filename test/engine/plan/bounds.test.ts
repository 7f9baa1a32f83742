import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DockerfileError } from "../../../src/dockerfile/diagnostic.ts";
import { BuildError } from "../../../src/engine/errors.ts";
import { imageConfig } from "../../../src/engine/plan/image-config.ts";
import { lintSource } from "../../../src/engine/plan/lint.ts";
import { inputsOf } from "../../../src/engine/plan/step.ts";
import { errorOf, image, layersOf, planOf } from "./plan-of.ts";

describe("a Dockerfile beyond the limits is rejected", () => {
  const doubling = (from: string) =>
    `${from}ENV A=xxxxxxxx\n${Array.from({ length: 40 }, () => "ENV A=$A$A\n").join("")}`;

  it.each([
    ["values that double", doubling("FROM scratch\n")],
    ["global values that double", `ARG A=xxxxxxxx\n${"ARG A=$A$A\n".repeat(40)}FROM scratch\n`],
    [
      "many large values",
      `FROM scratch\nENV A=${"x".repeat(60_000)}\n${"LABEL a=$A$A$A$A$A\n".repeat(1000)}`,
    ],
    ["many large names", `FROM scratch\nENV A=${"x".repeat(60_000)}\n${"COPY $A$A$A$A b\n".repeat(1000)}`],
    ["ports in every stage", `${"FROM scratch\nEXPOSE 0-65535\n".repeat(1000)}COPY --from=0 a b\n`],
    ["steps", `FROM scratch\n${"COPY a b\n".repeat(3000)}`],
    ["layers", `FROM scratch\n${"COPY a b\n".repeat(1025)}`],
    ["instructions", `FROM scratch\n${"LABEL a=b\n".repeat(20_001)}`],
    [
      "instructions of triggers",
      `FROM scratch AS a\n${"ONBUILD LABEL a=b\n".repeat(1000)}${"FROM a\n".repeat(30)}`,
    ],
    ["stages", "FROM scratch\n".repeat(2000)],
    [
      "images",
      `FROM scratch\n${Array.from({ length: 300 }, (_, index) => `COPY --from=i${index} a b\n`).join("")}`,
    ],
    ["history", `FROM scratch\n${"USER u\n".repeat(20_000)}`],
    [
      "variables in stages upon stages",
      `FROM scratch AS s\nENV ${Array.from({ length: 5000 }, (_, index) => `V${index}=`).join(" ")}\n${"FROM s AS s\nENV X=1\n".repeat(1000)}`,
    ],
  ])("%s", async (_, text) => {
    const options = { allStages: true };
    expect(await errorOf(text, options)).toMatch(/too large|too long|more than|longer than/);
  });

  it("accepts one that only looks too large", async () => {
    const text = `FROM scratch\nENV PATH=/opt/bin:$PATH\n${"RUN x\n".repeat(500)}${"ENV A=1\n".repeat(500)}EXPOSE 1-65535/udp\n`;
    expect(await errorOf(text)).toBe("no error");
  });

  it("limits reports of undefined variables", async () => {
    const found = await lintSource(`FROM scratch\n${"USER $nope\n".repeat(5000)}`);
    expect(found).toHaveLength(1000);
  });
});

describe("any Dockerfile", () => {
  const word = fc.constantFrom(
    "a",
    "b",
    "$A",
    "${A:-x}",
    "${B:?b}",
    "/",
    ".",
    "..",
    "a/./b",
    "*",
    '"a"',
    "'",
    "\\",
    "x=y",
    "A=1",
    "A",
    "--from=a",
    "--from=0",
    "--chown=$A",
    "--chmod=u+x",
    "--link",
    "--parents",
    "https://h/x",
    "https://h/x.git#a:b",
    "80/tcp",
    '["a"]',
    "<<E",
    "--mount=type=cache,target=$A",
    "scratch",
    "alpine",
    "AS",
    "--platform=$A",
  );
  const keyword = fc.constantFrom(
    "FROM",
    "ARG",
    "ENV",
    "COPY",
    "ADD",
    "RUN",
    "CMD",
    "ENTRYPOINT",
    "EXPOSE",
    "VOLUME",
    "USER",
    "WORKDIR",
    "LABEL",
    "SHELL",
    "STOPSIGNAL",
    "ONBUILD",
    "ONBUILD COPY",
    "HEALTHCHECK CMD",
    "HEALTHCHECK",
  );
  const instruction = fc
    .tuple(keyword, fc.array(word, { maxLength: 4 }))
    .map(([name, words]) => [name, ...words].join(" "));
  const stage = fc
    .tuple(
      fc.constantFrom("scratch", "alpine", "a", "b", "$A"),
      fc.constantFrom("", " AS a", " AS b"),
      fc.array(instruction, { maxLength: 5 }),
    )
    .map(([base, name, lines]) => [`FROM ${base}${name}`, ...lines].join("\n"));
  const dockerfile = fc
    .tuple(
      fc.constantFrom("", "ARG A=alpine\n", "# escape=`\n", "# check=error=true\n"),
      fc.array(stage, { minLength: 1, maxLength: 4 }),
    )
    .map(([head, stages]) =>
      `${head}${stages.join("\n")}\nE\n`.replace(/\nE\n$/, (end) =>
        stages.join().includes("<<E") ? end : "\n",
      ),
    );
  const images = {
    "docker.io/library/alpine:latest": image({ config: { OnBuild: ["ENV O=$A", "COPY --from=a o /"] } }),
  };

  it("gives a consistent plan, or an error with a code", async () => {
    await fc.assert(
      fc.asyncProperty(dockerfile, fc.boolean(), async (text, allStages) => {
        try {
          const built = await planOf(text, { allStages, buildArgs: { A: "a" } }, images);
          for (const { index, definition, description } of built.steps) {
            for (const input of inputsOf(definition)) {
              if (input.kind === "step") expect(input.step).toBeLessThan(index);
              if (input.kind === "image") expect(built.images[input.image]).toBeDefined();
            }
            expect(built.stages[description.stage]).toBeDefined();
          }
          const { base, steps } = layersOf(built, built.result.files);
          const layers = imageConfig(built.result, []).history.filter((entry) => !entry.empty_layer);
          expect(layers).toHaveLength(steps.length + (base.kind === "image" ? 1 : 0));
        } catch (error) {
          if (!(error instanceof DockerfileError) && !(error instanceof BuildError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  it("can be linted without a world", async () => {
    await fc.assert(
      fc.asyncProperty(dockerfile, async (text) => {
        for (const { message, lines } of await lintSource(text)) {
          expect(message).not.toBe("");
          expect(lines.start).toBeLessThanOrEqual(lines.end);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is planned the same way twice", async () => {
    await fc.assert(
      fc.asyncProperty(dockerfile, async (text) => {
        const outcome = async () => {
          try {
            return await planOf(text, {}, images);
          } catch (error) {
            return String(error);
          }
        };
        expect(await outcome()).toEqual(await outcome());
      }),
      { numRuns: 100 },
    );
  });
});
