import { describe, expect, it, test } from "vitest";
import { readDockerfile } from "../../../src/dockerfile/instructions.ts";
import type { BuildError } from "../../../src/engine/errors.ts";
import { plan } from "../../../src/engine/plan/evaluate.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";
import { digestOf, errorOf, historyOf, image, planOf, settingsOf, warningsOf, worldOf } from "./plan-of.ts";

const alpine = "docker.io/library/alpine:latest";
const images = { [alpine]: image() };

function namesOf(text: string, options = {}, known = images): Promise<string[]> {
  return planOf(text, options, known).then(({ steps }) => steps.map(({ description }) => description.name));
}

describe("which stages are built", () => {
  const text =
    "FROM scratch AS a\nCOPY a /\nFROM a AS b\nCOPY b /\nFROM nowhere AS c\nCOPY c /\nFROM scratch AS d\nCOPY --from=b /b /d\n";

  test.each([
    ["a", ["[a 1/1] COPY a /"]],
    ["b", ["[a 1/1] COPY a /", "[b 1/1] COPY b /"]],
    [undefined, ["[a 1/1] COPY a /", "[b 1/1] COPY b /", "[d 1/1] COPY --from=b /b /d"]],
  ])("for the target %s", async (target, names) => {
    expect(await namesOf(text, { target })).toEqual(names);
  });

  it("resolves only needed images, each once", async () => {
    const asked: string[] = [];
    const twice =
      "FROM alpine AS a\nFROM nowhere\nFROM alpine AS b\nCOPY --from=a x y\nCOPY --from=alpine x y\n";
    await plan(readDockerfile(twice), {}, worldOf(images, asked));
    expect(asked).toEqual(["docker.io/library/alpine:latest linux/amd64"]);
  });

  it("finds the target in any case, but not by its position", async () => {
    expect(await errorOf(text, { target: "A" })).toBe("no error");
    expect(await errorOf("FROM scratch AS build\n", { target: "bulid" })).toBe(
      '0: target stage "bulid" could not be found (did you mean build?)',
    );
    expect(await errorOf("FROM scratch AS build\n", { target: "0" })).toContain(
      'target stage "0" could not be found',
    );
  });
});

describe("FROM", () => {
  it("prefers a stage to an image, and the last stage of a name", async () => {
    const text = "FROM scratch AS alpine\nLABEL l=1\nFROM scratch AS alpine\nLABEL l=2\nFROM alpine\n";
    expect(await settingsOf(text)).toEqual({ Labels: { l: "2" } });
  });

  it("expands global arguments only", async () => {
    expect(await historyOf("ARG I=alp\nFROM ${I}ine\n", {}, images)).toEqual([]);
    expect(await errorOf("FROM $I\n")).toBe("1: base name ($I) should not be blank");
    expect(await warningsOf("ARG TAG=latest\nFROM alpine:${TAGG:-latest}\n", {}, images)).toEqual([
      "2: UndefinedArgInFrom: FROM argument 'TAGG' is not declared (did you mean TAG?)",
    ]);
  });

  it("does not refer to later stages", async () => {
    await expect(planOf("FROM bild AS a\nFROM scratch AS build\nFROM a\n")).rejects.toMatchObject({
      code: "base-unavailable",
      message:
        "bild: failed to resolve source metadata for docker.io/library/bild:latest: not found (did you mean build?)",
      lines: { start: 1, end: 1 },
      hint: "did you mean build?",
    } satisfies Partial<BuildError>);
  });

  test.each([
    [
      "FROM BusyBox",
      '1: failed to parse stage name "BusyBox": invalid reference format: repository name (library/BusyBox) must be lowercase',
    ],
    ["FROM --platform=$X scratch", "1: empty platform value from expression $X"],
    [
      "FROM --platform=$TARGETPLATFROM scratch",
      "1: empty platform value from expression $TARGETPLATFROM (did you mean TARGETPLATFORM?)",
    ],
    [
      "FROM --platform=a/b/c/d scratch",
      '1: failed to parse platform a/b/c/d: "a/b/c/d": cannot parse platform specifier: invalid argument',
    ],
  ])("rejects %s", async (from, error) => {
    expect(await errorOf(`${from}\n`)).toBe(error);
  });

  it("numbers its image among the steps", async () => {
    const { images: planned } = await planOf("FROM alpine AS a\nCOPY x y\n", {}, images);
    expect(planned.map(({ name }) => name)).toEqual([`[1/2] FROM ${alpine}@${digestOf(alpine)}`]);
    expect(await namesOf("FROM alpine AS a\nCOPY x y\n")).toEqual(["[2/2] COPY x y"]);
  });

  it("treats an image without layers as empty", async () => {
    const empty = {
      [alpine]: image({ rootfs: { type: "layers", diff_ids: [] }, history: [], config: { User: "u" } }),
    };
    const { stages, result } = await planOf("FROM alpine\nCOPY x y\n", {}, empty);
    expect(stages[0]?.base).toEqual({ kind: "scratch" });
    expect(result.image.config.User).toBe("u");
  });
});

describe("--from", () => {
  it("is a position, a name of any case, or else an image", async () => {
    const text =
      "FROM scratch AS A\nCOPY f /\nFROM scratch\nCOPY --from=0 f 0\nCOPY --from=a f a\nCOPY --from=alpine f b\n";
    const { steps } = await planOf(text, {}, images);
    expect(
      steps.slice(1).map(({ definition }) => "sources" in definition && definition.sources[0]),
    ).toMatchObject([
      { from: { kind: "step", step: 0 } },
      { from: { kind: "step", step: 0 } },
      { from: { kind: "image", image: 0 } },
    ]);
  });

  test.each([
    ["COPY --from=7 a b", "2: invalid stage index 7"],
    ["COPY --from=-1 a b", "2: invalid stage index -1"],
    ["COPY --from=0 a b", "2: circular dependency detected on stage: stage-0"],
    ["COPY --from=s a b", "2: circular dependency detected on stage: s"],
    [
      "COPY --from=$X a b",
      "2: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround",
    ],
  ])("rejects %s", async (instruction, error) => {
    expect(await errorOf(`FROM scratch${instruction.includes("=s") ? " AS s" : ""}\n${instruction}\n`)).toBe(
      error,
    );
  });

  it("cannot be a later stage", async () => {
    expect(await errorOf("FROM scratch AS a\nCOPY --from=b x y\nFROM scratch AS b\nFROM a\n")).toBe(
      '2: cannot copy from stage "b", it needs to be defined before current stage "a"',
    );
    expect(
      await errorOf("FROM scratch AS a\nRUN --mount=from=b,target=/x y\nFROM scratch AS b\nFROM a\n"),
    ).toBe('2: cannot mount from stage "b" to "/x", stage needs to be defined before current command');
  });

  it("cannot be part of a cycle of any length", async () => {
    const text =
      "FROM scratch AS a\nCOPY --from=c x y\nFROM scratch AS b\nCOPY --from=a x y\nFROM scratch AS c\nCOPY --from=b x y\n";
    expect(await errorOf(text)).toBe("4: circular dependency detected on stage: a");
  });
});

describe("ONBUILD", () => {
  const base = {
    "docker.io/library/base:latest": image({ config: { OnBuild: ["LABEL a=$A", "COPY x /x"] } }),
  };

  it("runs before the lines of the stage, and is not inherited", async () => {
    const text = "FROM base\nLABEL b=2\n";
    expect(await historyOf(text, {}, base)).toEqual(["LABEL a=", "+ COPY x /x # buildkit", "LABEL b=2"]);
    expect((await settingsOf(text, {}, base)).OnBuild).toBeUndefined();
  });

  it("has its instruction marked as ONBUILD in the step's name, and counted", async () => {
    const { steps } = await planOf("FROM base AS s\nCOPY y /y\n", {}, base);
    expect(steps.map(({ description }) => description.name)).toEqual([
      "[2/4] ONBUILD COPY x /x",
      "[3/4] COPY y /y",
    ]);
    expect(steps[0]?.description.lines).toEqual({ start: 1, end: 1 });
  });

  it("applies to one stage only", async () => {
    const text = "FROM scratch AS a\nONBUILD LABEL a=1\nFROM a AS b\nFROM b\n";
    expect(await settingsOf(text, { target: "a" })).toEqual({ OnBuild: ["LABEL a=1"] });
    expect(await settingsOf(text)).toEqual({ Labels: { a: "1" } });
    expect(await historyOf(text)).toEqual(["LABEL a=1"]);
  });

  it("may read other stages and images", async () => {
    const text =
      "FROM scratch AS src\nCOPY f /f\nFROM scratch AS a\nONBUILD COPY --from=src /f /g\nONBUILD COPY --from=alpine /h /h\nFROM a\n";
    const { steps, images: planned } = await planOf(text, {}, images);
    expect(steps.map(({ definition }) => "sources" in definition && definition.sources[0])).toMatchObject([
      { from: { kind: "context" } },
      { from: { kind: "step", step: 0 } },
      { from: { kind: "image", image: 0 } },
    ]);
    expect(planned.map(({ reference }) => reference)).toEqual([alpine]);
  });

  it("fails at the FROM that it comes from", async () => {
    const broken = { "docker.io/library/base:latest": image({ config: { OnBuild: ["FOO x"] } }) };
    expect(await errorOf("FROM scratch\nFROM base\n", {}, broken)).toContain("2: unknown instruction: FOO");
  });
});

describe("--build-context", () => {
  const context = digestOf("files");

  it("replaces an image that is named in short or in full", async () => {
    for (const name of ["alpine", "alpine:latest", "docker.io/library/alpine"]) {
      const { stages } = await planOf(`FROM ${name}\nCOPY x y\n`, { namedContexts: { alpine: context } });
      expect(stages[0]?.base).toEqual({ kind: "context", name: "alpine" });
    }
  });

  it("replaces a stage, whose instructions are then not evaluated", async () => {
    const text = "FROM nowhere AS a\nRUN x\nFROM scratch\nCOPY --from=a x y\n";
    const { steps } = await planOf(text, { namedContexts: { A: context } });
    expect(steps.map(({ definition }) => definition)).toMatchObject([
      { sources: [{ from: { kind: "context", name: "A" } }] },
    ]);
  });

  it("may be for one platform", async () => {
    const namedContexts = { "alpine::linux/arm64": context };
    const platform = parsePlatform("linux/arm64");
    expect((await planOf("FROM alpine\n", { namedContexts, platform })).images).toEqual([]);
    expect((await planOf("FROM alpine\n", { namedContexts }, images)).images).toHaveLength(1);
  });

  it("may be another image, or none", async () => {
    const other = { "h.example/x:1": image({ config: { User: "other" } }) };
    const as = (value: string) => ({ namedContexts: { alpine: `docker-image://${value}` } });
    expect(await settingsOf("FROM alpine\n", as("h.example/x:1"), other)).toEqual({ User: "other" });
    expect((await planOf("FROM alpine\n", as("scratch"))).result.files).toEqual({ kind: "scratch" });
  });

  it("does not replace scratch", async () => {
    const { result } = await planOf("FROM scratch\n", { namedContexts: { scratch: context } });
    expect(result.files).toEqual({ kind: "scratch" });
  });

  it("must have a known form where it is used", async () => {
    const options = { namedContexts: { alpine: "ftp://x" } };
    expect(await errorOf("FROM scratch\n", options)).toBe("no error");
    expect(await errorOf("FROM alpine\n", options)).toBe("1: unsupported context source ftp for alpine");
    const image = { namedContexts: { alpine: "docker-image://[::1]/UPPER" } };
    expect(await errorOf("FROM scratch\n", image)).toBe("no error");
    expect(await errorOf("FROM alpine\n", image)).toMatch(/^1: invalid image \[::1\]\/UPPER for alpine: /);
  });
});

describe("platforms", () => {
  const arm = parsePlatform("linux/arm64");
  const platformOf = async (text: string, options = {}, known = images): Promise<unknown> => {
    const { architecture, os, variant } = (await planOf(text, options, known)).result.image.platform;
    return [os, architecture, variant].filter(Boolean).join("/");
  };

  it("are the requested ones, or else those of the base", async () => {
    const s390x = { [alpine]: image({ architecture: "s390x" }) };
    const asked: string[] = [];
    await plan(readDockerfile("FROM alpine\n"), { platform: arm }, worldOf(images, asked));
    expect(asked).toEqual([`${alpine} linux/arm64`]);
    expect(await platformOf("FROM alpine\n", {}, s390x)).toBe("linux/s390x");
    expect(await platformOf("FROM alpine\n", { platform: arm }, s390x)).toBe("linux/arm64");
    expect(await platformOf("FROM scratch\n", { platform: parsePlatform("linux/arm") })).toBe("linux/arm/v7");
  });

  it("of a base are those that FROM states", async () => {
    const asked: string[] = [];
    await plan(
      readDockerfile("FROM --platform=$BUILDPLATFORM alpine\n"),
      { platform: arm },
      worldOf(images, asked),
    );
    expect(asked).toEqual([`${alpine} linux/amd64`]);
  });

  it("that the base lacks cause a warning", async () => {
    expect(
      await warningsOf("FROM alpine\n", { platform: arm }, { [alpine]: image({ architecture: "amd64" }) }),
    ).toEqual([
      '1: InvalidBaseImagePlatform: Base image alpine was pulled with platform "linux/amd64", expected "linux/arm64" for current build',
    ]);
  });

  it("are in the names when there are several", async () => {
    const text =
      "FROM --platform=$BUILDPLATFORM scratch AS b\nFROM --platform=$BUILDPLATFORM alpine AS c\nARG TARGETARCH\nCOPY a b\nFROM scratch\nCOPY --from=c a b\n";
    expect(await namesOf(text, { platform: arm, isMultiPlatform: true })).toEqual([
      "[linux/amd64->arm64 c 2/2] COPY a b",
      "[linux/arm64 stage-2 1/1] COPY --from=c a b",
    ]);
  });
});
