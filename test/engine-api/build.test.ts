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
    ).toEqual({ t: "app", dockerfile: "D", target: "x", platform: "linux/arm64", nocache: "1", pull: "1" });
    expect(query("nocache=0&pull=false&target=&buildargs=%7B%7D&cachefrom=%5B%5D&labels=null")).toEqual({
      buildargs: "{}",
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

test("steps that end out of order are told in order", () => {
  const lines = { start: 1, end: 1 };
  const step = (id: string) => ({ id, name: `[s] RUN ${id}`, stage: "", platform: "linux/amd64", lines });
  const messages = new BuildMessages();
  const log = (id: string, text: string) => ({ type: "step.log", step: id, stream: "stdout", text });
  const told = (event: object) =>
    messages.of(event as BuildEvent).map((message) => ("stream" in message ? message.stream : message));
  expect(told({ type: "plan", steps: [step("a"), step("b"), step("c")] })).toEqual([]);
  expect(told({ type: "step.start", step: "b" })).toEqual([]);
  expect(told(log("b", "from b"))).toEqual([]);
  expect(told({ type: "step.start", step: "a" })).toEqual(["Step 1/3 : RUN a\n"]);
  expect(told(log("a", "from a\n"))).toEqual(["from a\n"]);
  expect(told({ type: "step.done", step: "b" })).toEqual([]);
  expect(told({ type: "step.done", step: "a" })).toEqual(["Step 2/3 : RUN b\n", "from b\n"]);
  expect(told(log("c", "from c"))).toEqual(["Step 3/3 : RUN c\n", "from c\n"]);
  const failed = { type: "error", step: "c", problem: { title: "failed", status: 400, code: "x" } };
  expect(told(failed)).toEqual([errorMessage("failed")]);
});
