import { describe, expect, test } from "vitest";
import { type Diagnostic, DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import type { Instruction, StageInstruction } from "../../src/dockerfile/instruction.ts";
import { readDockerfile, readInstruction } from "../../src/dockerfile/instructions.ts";

function read(text: string): StageInstruction {
  const { dockerfile } = readDockerfile(`FROM scratch\n${text}`);
  const [stage] = dockerfile.stages;
  expect(stage?.instructions).toHaveLength(1);
  return stage?.instructions[0] as StageInstruction;
}

function refusal(text: string): DockerfileError {
  try {
    readDockerfile(text);
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
  return expect.unreachable("accepted");
}

/** The reason for which an instruction is rejected, without its position. */
function reason(text: string): string {
  return refusal(`FROM scratch\n${text}`).diagnostic.message.replace(
    "dockerfile parse error on line 2: ",
    "",
  );
}

describe("stages", () => {
  test("begin with FROM; ARG before them is global", () => {
    const { dockerfile } = readDockerfile(
      "ARG A\nFROM --platform=$P a:$A AS Build\nRUN x\nFROM build\nUSER u",
    );
    expect(dockerfile.globalArgs.map(({ args }) => args)).toEqual([[{ key: "A", value: undefined }]]);
    expect(dockerfile.stages).toMatchObject([
      {
        from: { base: "a:$A", platform: "$P", name: "build" },
        instructions: [{ kind: "RUN" }],
      },
      { from: { base: "build" }, instructions: [{ kind: "USER" }] },
    ]);
  });

  test("know the escape character", () => {
    const text = "# syntax=docker/dockerfile:1 and more\n# escape=`\n# check=skip=all\nFROM a";
    expect(readDockerfile(text).dockerfile.escape).toBe("`");
  });

  test.each([
    ["", "the Dockerfile cannot be empty"],
    ["# nothing", "file with no instructions"],
    ["ARG A", "dockerfile contains no stages to build"],
    ["RUN a", "no build stage in current context"],
    ["FROM", "dockerfile parse error on line 1: FROM requires either one or three arguments"],
    ["FROM a b", "dockerfile parse error on line 1: FROM requires either one or three arguments"],
    ["FROM a AT b", "dockerfile parse error on line 1: FROM requires either one or three arguments"],
    [
      "FROM a AS 1b",
      `dockerfile parse error on line 1: invalid name for build stage: "1b", name can't start with a number or contain symbols`,
    ],
    ["FORM a", "dockerfile parse error on line 1: unknown instruction: FORM (did you mean FROM?)"],
  ])("%j does not begin a stage", (text, message) => expect(refusal(text).diagnostic.message).toBe(message));
});

describe("an instruction", () => {
  test.each<[string, Partial<Instruction>]>([
    [
      "copy --from=b --chown=1:2 --chmod=u+x --link --parents --exclude=*.a --exclude=*.b c d /e/",
      {
        kind: "COPY",
        keyword: "copy",
        from: "b",
        chown: "1:2",
        chmod: "u+x",
        link: true,
        parents: true,
        excludes: ["*.a", "*.b"],
        sources: ["c", "d"],
        dest: "/e/",
      },
    ],
    [
      "ADD --checksum=sha256:0 --keep-git-dir=TRUE --unpack=false --link=false --chown= a b",
      {
        kind: "ADD",
        checksum: "sha256:0",
        keepGitDir: true,
        unpack: false,
        link: false,
        excludes: [],
        heredocs: [],
        sources: ["a"],
        dest: "b",
      },
    ],
    [
      "RUN --network=none --security=insecure --mount=type=tmpfs,target=/a --device=b true",
      {
        command: { shellForm: true, args: ["true"], heredocs: [] },
        network: "none",
        security: "insecure",
        mounts: ["type=tmpfs,target=/a"],
        devices: ["b"],
      },
    ],
    [
      "ENV a=b c=",
      {
        pairs: [
          { key: "a", value: "b" },
          { key: "c", value: "" },
        ],
      },
    ],
    ["LABEL a b c", { pairs: [{ key: "a", value: "b c", legacy: true }] }],
    ["EXPOSE 80 443/udp 22", { ports: ["22", "443/udp", "80"] }],
    ['VOLUME [" /a "]', { paths: ["/a"] }],
    ['SHELL ["a", "-c"]', { shell: ["a", "-c"] }],
    ["STOPSIGNAL --not=a-flag 9", { signal: "9" }],
    ["ONBUILD  Run  a  b", { expression: "Run  a  b" }],
    ["ONBUILD RUN <<'A'\nb\nA", { expression: "RUN <<'A'\nb\nA" }],
    [
      "HEALTHCHECK --interval=1.5s --retries=2 CMD a b",
      {
        health: {
          test: ["CMD-SHELL", "a b"],
          interval: 1_500_000_000,
          timeout: 0,
          startPeriod: 0,
          startInterval: 0,
          retries: 2,
        },
      },
    ],
  ])("%s", (text, expected) => expect(read(text)).toMatchObject(expected));

  test("keeps source, lines and comments", () => {
    expect(read("# about\nUSER a \\\n b\n")).toMatchObject({
      source: "USER a  b",
      lines: { start: 3, end: 4 },
      comments: ["about"],
    });
  });

  test("removes the tabs of a chomped here-document and keeps the original", () => {
    expect(read("COPY <<-a <<b /c/\n\tx\na\n\ty\nb\n")).toMatchObject({
      sources: [],
      heredocs: [
        { name: "a", content: "x\n", raw: "\tx\n" },
        { name: "b", content: "\ty\n" },
      ],
    });
  });
});

describe("rejected instructions", () => {
  test.each([
    [
      "COPY a",
      "COPY requires at least two arguments, but only one was provided. Destination could not be determined",
    ],
    ["COPY a <<b\nb", "COPY cannot accept a heredoc as a destination"],
    ["ENV", "ENV requires at least one argument"],
    ["ENV =a", "ENV names can not be blank"],
    ["ARG =a", "ARG names can not be blank"],
    ["USER", "USER requires exactly one argument"],
    ["SHELL a", "SHELL requires the arguments to be in JSON form"],
    ["SHELL []", "SHELL requires at least one argument"],
    ['VOLUME [""]', "VOLUME specified can not be an empty string"],
    ["ONBUILD", "ONBUILD requires at least one argument"],
    ["ONBUILD onbuild RUN a", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    ["ONBUILD from a", "FROM isn't allowed as an ONBUILD trigger"],
    ["HEALTHCHECK NONE a", "HEALTHCHECK NONE takes no arguments"],
    ["HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"],
    ["HEALTHCHECK TCP 1", 'Unknown type "TCP" in HEALTHCHECK (try CMD)'],
    ["HEALTHCHECK --interval=1us CMD a", 'Interval "interval" cannot be less than 1ms'],
    ["HEALTHCHECK --retries=-1 CMD a", "--retries cannot be negative (-1)"],
    ["HEALTHCHECK --retries=x CMD a", 'strconv.ParseInt: parsing "x": invalid syntax'],
    ["HEALTHCHECK --timeout=5 CMD a", 'time: missing unit in duration "5"'],
    ["RUN --network=moon a", 'invalid network mode "moon"'],
    ["RUN --security=none a", 'security "none" is not valid'],
    [
      "RUN --mount=type=bind,from=$A a",
      "'from' doesn't support variable expansion, define alias stage instead",
    ],
    ["RUN --mount= a", "failed to parse csv mounts: EOF"],
    ["COPY --form=a b c", "unknown flag: --form (did you mean from?)"],
    ["COPY --link=1 b c", "expecting boolean value for flag --link, not: 1"],
    ["COPY --link= b c", "missing a value on flag: --link"],
    ["COPY --from b c", "missing a value on flag: --from"],
    ["COPY --from=a --from=b c d", "duplicate flag specified: --from"],
    ["COPY --link --link c d", "duplicate flag specified: --link"],
    ["COPY --constructor=a b c", "unknown flag: --constructor"],
    ["ENTRYPONIT a", "unknown instruction: ENTRYPONIT (did you mean ENTRYPOINT?)"],
    ["constructor a", "unknown instruction: constructor"],
  ])("%s", (text, message) => expect(reason(text)).toBe(message));

  test("are shown with their position and a hint", () => {
    expect(refusal("FROM a\n  COPY --chwon=1 b c\\\n  d").diagnostic).toEqual({
      code: "parse/unknown-flag",
      severity: "error",
      message: "dockerfile parse error on line 2: unknown flag: --chwon (did you mean chown?)",
      lines: { start: 2, end: 3 },
      column: 8,
      help: "did you mean chown?",
    });
  });

  test("are reported with the findings about earlier lines", () => {
    const { warnings } = refusal("FROM scratch AS Bad\nMAINTAINER me\nBADCMD");
    expect(warnings.map(({ code }) => code)).toEqual(["StageNameCasing", "MaintainerDeprecated"]);
  });

  test("are quoted in short", () => {
    const { message } = refusal(`FROM ${"x".repeat(60_000)} AS ${"Y/".repeat(2000)}`).diagnostic;
    expect(message.length).toBeLessThan(3000);
  });
});

describe("a trigger", () => {
  const lines = { start: 7, end: 8 };

  test("is an instruction with the given lines", () => {
    expect(readInstruction("COPY a \\\n b", lines)).toMatchObject({
      kind: "COPY",
      sources: ["a"],
      dest: "b",
      lines,
    });
  });

  test.each([
    ["RUN a\nRUN b", "onbuild trigger should be a single expression"],
    [
      "COPY a",
      "COPY requires at least two arguments, but only one was provided. Destination could not be determined",
    ],
    ["", "file with no instructions"],
    ["NOTHING", "unknown instruction: NOTHING"],
  ])("%j is rejected there", (text, message) => {
    let diagnostic: Diagnostic | undefined;
    try {
      readInstruction(text, lines);
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      ({ diagnostic } = error);
    }
    expect(diagnostic).toMatchObject({ message, lines });
  });
});
