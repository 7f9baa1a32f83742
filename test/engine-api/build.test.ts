import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { BuildMessages, errorMessage } from "../../src/engine-api/build-messages.ts";
import { convertBuildQuery } from "../../src/engine-api/build-options.ts";

describe("the query of a build", () => {
  const query = (text: string) => Object.fromEntries(convertBuildQuery(new URLSearchParams(text)));

  test("keeps options with the same meaning, and ignores limits of containers", () => {
    expect(
      query(
        "t=app&dockerfile=D&target=x&platform=linux%2Farm64&nocache=1&pull=true&memory=5&rm=1&shmsize=0&q=1",
      ),
    ).toEqual({
      t: "app",
      dockerfile: "D",
      target: "x",
      platform: "linux/arm64",
      shmsize: "0",
      nocache: "1",
      pull: "1",
    });
    expect(query("nocache=0&pull=false&target=&buildargs=%7B%7D&cachefrom=%5B%5D&labels=null")).toEqual({
      buildargs: "{}",
    });
  });

  test("keeps the settings of RUN", () => {
    const text =
      "networkmode=host&extrahosts=a:1.1.1.1&extrahosts=b:2.2.2.2&ulimits=[]&shmsize=5&cgroupparent=/x";
    const asked = convertBuildQuery(new URLSearchParams(text));
    expect(asked.getAll("extrahosts")).toEqual(["a:1.1.1.1", "b:2.2.2.2"]);
    expect(Object.fromEntries(asked)).toMatchObject({
      networkmode: "host",
      ulimits: "[]",
      shmsize: "5",
      cgroupparent: "/x",
    });
  });

  test("leaves out arguments without a value", () => {
    expect(query(`buildargs=${encodeURIComponent('{"A":"1","B":null}')}`)).toEqual({
      buildargs: '{"A":"1"}',
    });
  });

  test.each([
    ["version=2", "BuildKit's protocol is not supported: set DOCKER_BUILDKIT=0"],
    ["remote=https://x/y.git", "A remote build context is not supported: send the context as a tar"],
    ["squash=1", "Squashing layers is not supported"],
    ["buildargs=[1]", "The parameter buildargs is not a JSON object"],
    ['buildargs={"A":{"toString":1}}', "In the parameter buildargs, the value of A is not a string"],
    ["labels={", "The parameter labels is not JSON"],
    ['outputs=[{"Type":"tar"}]', "Outputs are not supported: pull the image from this server's registry"],
  ])("rejects options that would change the image: %s", (text, message) => {
    expect(() => query(text)).toThrow(message);
  });
});

test("a build is in the words of the classic builder", () => {
  const step = (id: string, name: string, start: number) => {
    return { id, name, stage: "", platform: "linux/amd64", lines: { start, end: start } };
  };
  const layer = { mediaType: "", digest: `sha256:${"ab".repeat(32)}`, size: 1 };
  const rendered = new BuildMessages();
  const events = [
    {
      type: "plan",
      steps: [step("0", "[1/2] COPY a /", 3), step("1", "[2/2] RUN x", 5)],
      instructions: [
        { text: "FROM scratch", line: 1 },
        { text: "ENV a=b", line: 2 },
        { text: "COPY   a /", line: 3 },
        { text: "RUN $x", line: 5 },
        { text: "CMD y", line: 6 },
      ],
    },
    { type: "step.cached", step: "0", layer },
    { type: "step.start", step: "1" },
    { type: "step.log", step: "1", stream: "stdout", text: "hello\n" },
    { type: "step.done", step: "1", layer, reused: false, milliseconds: 1, why: "", differences: [] },
    {
      type: "result",
      descriptor: layer,
      imageId: `sha256:${"cd".repeat(32)}`,
      repository: "app",
      tags: ["app:1", "app:2"],
    },
  ] as unknown as BuildEvent[];
  expect(events.flatMap((event) => rendered.add(event))).toEqual([
    { stream: "Step 1/5 : FROM scratch\n" },
    { stream: "Step 2/5 : ENV a=b\n" },
    { stream: "Step 3/5 : COPY   a /\n" },
    { stream: " ---> Using cache\n" },
    { stream: " ---> abababababab\n" },
    { stream: "Step 4/5 : RUN $x\n" },
    { stream: "hello\n" },
    { stream: " ---> abababababab\n" },
    { stream: "Step 5/5 : CMD y\n" },
    { aux: { ID: `sha256:${"cd".repeat(32)}` } },
    { stream: "Successfully built cdcdcdcdcdcd\n" },
    { stream: "Successfully tagged app:1\n" },
    { stream: "Successfully tagged app:2\n" },
  ]);
  const failed = { type: "error", problem: { title: "No", detail: "No: why", status: 400, code: "x" } };
  expect(rendered.add(failed as unknown as BuildEvent)).toEqual([errorMessage("No: why")]);
});

test("concurrent steps are printed one after the other, in the order of the Dockerfile, after their images", () => {
  const info = (id: string, name: string, line: number, inputs: string[]) => {
    return { id, name, stage: "", platform: "linux/amd64", lines: { start: line, end: line }, inputs };
  };
  const rendered = new BuildMessages();
  const bodies = [
    {
      type: "plan",
      steps: [
        info("i0", "[one 1/2] FROM a", 1, []),
        info("i1", "[two 1/2] FROM b", 3, []),
        info("0", "[one 2/2] RUN one", 2, ["i0"]),
        info("1", "[two 2/2] RUN two", 4, ["i1", "0"]),
        info("2", "[two 2/2] RUN three", 5, ["1"]),
      ],
      instructions: ["FROM a", "RUN one", "FROM b", "RUN two", "RUN three"].map((text, i) => ({
        text,
        line: i + 1,
      })),
    },
    { type: "step.start", step: "1" },
    { type: "step.log", step: "1", stream: "stdout", text: "two \u001b[31mred\u001b[0m\n" },
    { type: "step.start", step: "0" },
    { type: "step.waiting", step: "0", message: "waiting for a runner" },
    { type: "step.log", step: "0", stream: "stdout", text: "one\n" },
    { type: "step.done", step: "1", reused: false, milliseconds: 1, why: "", differences: [] },
    { type: "step.start", step: "2" },
    { type: "step.done", step: "0", reused: false, milliseconds: 1, why: "", differences: [] },
    { type: "step.start", step: "i0" },
    { type: "step.log", step: "2", stream: "stderr", text: "three\n" },
  ];
  const messages = bodies.map((body, index) =>
    rendered.add({ seq: index + 1, time: index, ...body } as unknown as BuildEvent).map((message) => {
      return "stream" in message ? message.stream : message;
    }),
  );
  expect(messages).toEqual([
    [],
    [],
    [],
    ["Step 1/5 : FROM a\n", "Step 2/5 : RUN one\n"],
    [" ---> waiting for a runner\n"],
    ["one\n"],
    [],
    [],
    ["Step 3/5 : FROM b\n", "Step 4/5 : RUN two\n", "two red\n", "Step 5/5 : RUN three\n"],
    [],
    ["three\n"],
  ]);
});
