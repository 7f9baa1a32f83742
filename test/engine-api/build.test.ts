import { describe, expect, test } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { BuildMessages, errorMessage } from "../../src/engine-api/build-messages.ts";
import { buildQueryOf } from "../../src/engine-api/build-options.ts";

describe("the query of a build", () => {
  const query = (text: string) => Object.fromEntries(buildQueryOf(new URLSearchParams(text)));

  test("keeps what means the same here, and passes limits of containers over", () => {
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

  test("keeps what is said of RUN", () => {
    const text =
      "networkmode=host&extrahosts=a:1.1.1.1&extrahosts=b:2.2.2.2&ulimits=[]&shmsize=5&cgroupparent=/x";
    const asked = buildQueryOf(new URLSearchParams(text));
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
    ["version=2", "BuildKit's own protocol is not supported: set DOCKER_BUILDKIT=0"],
    ["remote=https://x/y.git", "A remote build context is not supported: send the context as a tar"],
    ["squash=1", "Squashing layers is not supported"],
    ["buildargs=[1]", "The parameter buildargs is no JSON object"],
    ["labels={", "The parameter labels is not JSON"],
    [
      'outputs=[{"Type":"tar"}]',
      "Outputs are not supported: take the image from the registry of this server",
    ],
  ])("refuses what would give another image: %s", (text, message) => {
    expect(() => query(text)).toThrow(message);
  });
});

test("a build is told in the words of the classic builder", () => {
  const lines = { start: 1, end: 1 };
  const step = (id: string, name: string) => ({ id, name, stage: "", platform: "linux/amd64", lines });
  const layer = { mediaType: "", digest: `sha256:${"ab".repeat(32)}`, size: 1 };
  const told = new BuildMessages();
  const events = [
    { type: "plan", steps: [step("0", "[1/2] COPY a /"), step("1", "[2/2] RUN x")] },
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
  expect(events.flatMap((event) => told.of(event))).toEqual([
    { stream: "Step 1/2 : COPY a /\n" },
    { stream: " ---> Using cache\n" },
    { stream: " ---> abababababab\n" },
    { stream: "Step 2/2 : RUN x\n" },
    { stream: "hello\n" },
    { stream: " ---> abababababab\n" },
    { aux: { ID: `sha256:${"cd".repeat(32)}` } },
    { stream: "Successfully built cdcdcdcdcdcd\n" },
    { stream: "Successfully tagged app:1\n" },
    { stream: "Successfully tagged app:2\n" },
  ]);
  const failed = { type: "error", problem: { title: "No", detail: "No: why", status: 400, code: "x" } };
  expect(told.of(failed as unknown as BuildEvent)).toEqual([errorMessage("No: why")]);
});
