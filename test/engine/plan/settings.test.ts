import { describe, expect, it, test } from "vitest";
import { errorOf, historyOf, image, planOf, settingsOf, warningsOf } from "./plan-of.ts";

/** Instructions after FROM scratch, the settings they make, and the history. */
const cases: [instructions: string, settings: object, history: string[]][] = [
  ["ENV A=1 B='2 3'", { Env: ["A=1", "B=2 3"] }, ["ENV A=1 B=2 3"]],
  ["ENV A=1\nENV B=2\nENV A=3", { Env: ["A=3", "B=2"] }, ["ENV A=1", "ENV B=2", "ENV A=3"]],
  ["LABEL a=1 b=2\nLABEL a=3", { Labels: { a: "3", b: "2" } }, ["LABEL a=1 b=2", "LABEL a=3"]],
  ["LABEL __proto__=1", { Labels: JSON.parse('{"__proto__":"1"}') }, ["LABEL __proto__=1"]],
  ["USER app:staff", { User: "app:staff" }, ["USER app:staff"]],
  ["USER app\nUSER $NOBODY", {}, ["USER app", "USER "]],
  ["VOLUME /b /a", { Volumes: { "/b": {}, "/a": {} } }, ["VOLUME [/b /a]"]],
  ['VOLUME ["/v 2"]', { Volumes: { "/v 2": {} } }, ["VOLUME [/v 2]"]],
  ["STOPSIGNAL sigkill", { StopSignal: "sigkill" }, ["STOPSIGNAL sigkill"]],
  ["STOPSIGNAL 9", { StopSignal: "9" }, ["STOPSIGNAL 9"]],
  ['SHELL ["/bin/ash", "-c"]', { Shell: ["/bin/ash", "-c"] }, ["SHELL [/bin/ash -c]"]],
  [
    "EXPOSE 80 53/UDP 90-91",
    { ExposedPorts: { "80/tcp": {}, "53/udp": {}, "90/tcp": {}, "91/tcp": {} } },
    ["EXPOSE [53/udp 80/tcp 90/tcp 91/tcp]"],
  ],
  [
    "ENV P='80 81'\nEXPOSE $P",
    { Env: ["P=80 81"], ExposedPorts: { "80/tcp": {}, "81/tcp": {} } },
    ["ENV P=80 81", "EXPOSE [80/tcp 81/tcp]"],
  ],
  ['CMD ["a", "b \\"c\\""]', { Cmd: ["a", 'b "c"'], ArgsEscaped: true }, ['CMD ["a" "b \\"c\\""]']],
  [
    "CMD echo $A",
    { Cmd: ["/bin/sh", "-c", "echo $A"], ArgsEscaped: true },
    ['CMD ["/bin/sh" "-c" "echo $A"]'],
  ],
  [
    'SHELL ["s"]\nCMD x',
    { Shell: ["s"], Cmd: ["s", "x"], ArgsEscaped: true },
    ["SHELL [s]", 'CMD ["s" "x"]'],
  ],
  ["ENTRYPOINT []", {}, ["ENTRYPOINT []"]],
  ["CMD []", { ArgsEscaped: true }, ["CMD []"]],
  [
    'CMD ["c"]\nENTRYPOINT ["e"]',
    { Cmd: ["c"], ArgsEscaped: true, Entrypoint: ["e"] },
    ['CMD ["c"]', 'ENTRYPOINT ["e"]'],
  ],
  ["ONBUILD RUN x\nONBUILD COPY a b", { OnBuild: ["RUN x", "COPY a b"] }, []],
  ["MAINTAINER A <a@b>", {}, ["MAINTAINER A <a@b>"]],
  ["WORKDIR a\nWORKDIR b/../c", { WorkingDir: "/a/c" }, ["+ WORKDIR /a", "+ WORKDIR /a/c"]],
  ["WORKDIR /x//y/", { WorkingDir: "/x//y/" }, ["+ WORKDIR /x//y/"]],
  ["WORKDIR /a\nWORKDIR /", {}, ["+ WORKDIR /a", "WORKDIR /"]],
  [
    "HEALTHCHECK NONE",
    { Healthcheck: { Test: ["NONE"] } },
    ["HEALTHCHECK {Test:[NONE] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}"],
  ],
  [
    "HEALTHCHECK --interval=90s --timeout=1500ms --retries=3 CMD a b",
    { Healthcheck: { Test: ["CMD-SHELL", "a b"], Interval: 90e9, Timeout: 1.5e9, Retries: 3 } },
    [
      "HEALTHCHECK {Test:[CMD-SHELL a b] Interval:1m30s Timeout:1.5s StartPeriod:0s StartInterval:0s Retries:3}",
    ],
  ],
];

describe("the effect of an instruction on the image", () => {
  test.each(cases)("%s", async (instructions, settings, history) => {
    const text = `FROM scratch\n${instructions}\n`;
    expect(await settingsOf(text)).toEqual(settings);
    expect(await historyOf(text)).toEqual(history);
  });
});

describe("settings of the base that an instruction preserves", () => {
  const base = {
    "docker.io/library/base:latest": image({
      config: {
        Cmd: ["c"],
        Entrypoint: ["e"],
        User: "u",
        Labels: { a: "1" },
        ExposedPorts: { "80/tcp": {} },
        Env: ["A=1"],
      },
    }),
  };

  it("keeps everything without an instruction", async () => {
    expect(await settingsOf("FROM base\n", {}, base)).toEqual({
      Cmd: ["c"],
      Entrypoint: ["e"],
      User: "u",
      Labels: { a: "1" },
      ExposedPorts: { "80/tcp": {} },
      Env: ["A=1"],
    });
  });

  it("drops the base's CMD at an ENTRYPOINT, but not the stage's own", async () => {
    expect(await settingsOf('FROM base\nENTRYPOINT ["x"]\n', {}, base)).not.toHaveProperty("Cmd");
    expect(await settingsOf('FROM base\nCMD ["d"]\nENTRYPOINT ["x"]\n', {}, base)).toMatchObject({
      Cmd: ["d"],
    });
  });

  it("drops the CMD of an earlier stage at an ENTRYPOINT", async () => {
    expect(await settingsOf('FROM scratch AS a\nCMD ["d"]\nFROM a\nENTRYPOINT ["x"]\n')).not.toHaveProperty(
      "Cmd",
    );
  });

  it("does not modify the objects of the base", async () => {
    const text = "FROM base AS a\nLABEL b=2\nEXPOSE 90\nFROM base\nLABEL c=3\n";
    expect(await settingsOf(text, {}, base)).toMatchObject({
      Labels: { a: "1", c: "3" },
      ExposedPorts: { "80/tcp": {} },
    });
  });

  it("applies the labels of the build", async () => {
    expect(await settingsOf("FROM base\nLABEL b=2\n", { labels: { a: "9", b: "8" } }, base)).toMatchObject({
      Labels: { a: "9", b: "8" },
    });
  });

  it("sets PATH for a base without one, and keeps an empty one", async () => {
    const bare = (Env: string[]) => ({ "docker.io/library/base:latest": image({ config: { Env } }) });
    const { result } = await planOf("FROM base\n", {}, bare(["A=1"]));
    expect(result.image.config.Env).toEqual([
      "A=1",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
    expect(await settingsOf("FROM base\nENV B=2\n", {}, bare(["PATH="]))).toEqual({ Env: ["B=2"] });
  });
});

describe("invalid instructions", () => {
  test.each([
    ["STOPSIGNAL 0", "2: invalid signal: 0"],
    ["STOPSIGNAL SIGFOO", "2: invalid signal: SIGFOO"],
    ["EXPOSE 70000", "2: invalid containerPort: 70000"],
    ["EXPOSE 80/foo", '2: invalid port: "80/foo": invalid proto: foo'],
    ["EXPOSE a:80", "2: invalid hostPort: a"],
    ["EXPOSE 1.2.3:80:80", "2: invalid IP address: 1.2.3"],
    ["VOLUME $A", "2: VOLUME specified can not be an empty string"],
    ['ENV A="${B:?no B}"', '2: failed to process "\\"${B:?no B}\\"": B: no B'],
    ["USER ${B:?no B}", '2: failed to process "${B:?no B}": B: no B'],
  ])("%s", async (instruction, error) => {
    expect(await errorOf(`FROM scratch\n${instruction}\n`)).toBe(error);
  });
});

describe("warnings", () => {
  test.each([
    [
      "CMD a\nCMD b",
      ["2: JSONArgsRecommended", "2: MultipleInstructionsDisallowed", "3: JSONArgsRecommended"],
    ],
    ["WORKDIR a\nWORKDIR b", ["2: WorkdirRelativePath"]],
    ["ENV TOKEN=1 PUBLIC_KEY=2", ["2: SecretsUsedInArgOrEnv"]],
    ["ENV A=$B", ["2: UndefinedVar"]],
    ["ARG B\nENV A=$B", []],
    ["EXPOSE 80/TCP 1:2", ["2: ExposeInvalidFormat", "2: ExposeProtoCasing"]],
    ["# check=skip=UndefinedVar\nENV A=$B\nENV C=$D", ["4: UndefinedVar"]],
  ])("%s", async (instructions, warnings) => {
    const found = await warningsOf(`FROM scratch\n${instructions}\n`);
    expect(found.map((text) => text.split(":").slice(0, 2).join(":")).sort()).toEqual(warnings);
  });
});
