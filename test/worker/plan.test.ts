import { describe, expect, test } from "vitest";
import type { PlanRequest, PlanResult } from "../../schemas/plan.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { ask, build, explain, problemIn, storedKeys } from "./server.ts";

async function plan(request: PlanRequest, query: Record<string, string> = {}): Promise<PlanResult> {
  const answer = await ask(`/v1/plan?${new URLSearchParams(query)}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  if (answer.status !== 200) throw new Error(await answer.text());
  return answer.json();
}

const file = (path: string, text: string): NonNullable<PlanRequest["listing"]>[number] => [
  path,
  "file",
  0o644,
  0,
  0,
  text.length,
  sha256(text),
];
const stepsOf = ({ platforms }: PlanResult) => platforms[0]?.steps ?? [];
const statesOf = (result: PlanResult) =>
  stepsOf(result).map(({ instruction, state }) => `${state}: ${instruction}`);

const dockerfile = `FROM scratch AS base
COPY a /a

FROM base AS tests
COPY t /t

FROM scratch
COPY --from=base /a /x
COPY a b \\
  /d/
WORKDIR /w
`;

describe("a plan", () => {
  test("lists stages, their inputs and their positions", async () => {
    const result = await plan({ dockerfile, listing: [file("a", "1"), file("b", "22"), file("t", "3")] });
    expect(result.problem).toBeUndefined();
    const [platform] = result.platforms;
    expect(platform?.stages).toMatchObject([
      { index: 0, name: "base", from: "scratch", needed: true, target: false, endLine: 2 },
      { index: 1, name: "tests", from: "base", needed: false, target: false },
      { index: 2, name: "stage-2", needed: true, target: true },
    ]);
    expect(platform?.edges).toMatchObject([
      { kind: "from", from: { stage: 0 }, to: 1 },
      { kind: "copy", from: { stage: 0 }, to: 2, range: { line: 8, column: 1, endLine: 8, endColumn: 22 } },
    ]);
    const steps = stepsOf(result);
    expect(steps.map(({ stageIndex }) => stageIndex)).toEqual([0, 1, 2, 2, 2]);
    expect(steps[3]?.range).toEqual({ line: 9, column: 1, endLine: 10, endColumn: 5 });
    expect(steps[3]?.sources).toEqual([
      { kind: "context", name: "/a", files: 1, bytes: 1, paths: ["a"] },
      { kind: "context", name: "/b", files: 1, bytes: 2, paths: ["b"] },
    ]);
    expect(steps[2]?.sources).toEqual([{ kind: "stage", name: "base /a" }]);
  });

  test("has the keys and ids of the build, and finds its steps in the build cache", async () => {
    const files = { a: "1", b: "22", t: "3", Dockerfile: dockerfile };
    const listing = Object.entries(files).map(([path, text]) => file(path, text));
    const query = { t: "planned/app" };
    const before = await plan({ dockerfile, listing }, query);
    expect(statesOf(before)).toEqual([
      "miss: COPY a /a # buildkit",
      "not needed: COPY t /t # buildkit",
      "unknown: COPY /a /x # buildkit",
      "unknown: COPY a b /d/ # buildkit",
      "unknown: WORKDIR /w",
    ]);
    const built = await build(files, query);
    const after = await plan({ dockerfile, listing }, query);
    expect(statesOf(after)).toEqual([
      "not needed: COPY a /a # buildkit",
      "not needed: COPY t /t # buildkit",
      "hit: COPY /a /x # buildkit",
      "hit: COPY a b /d/ # buildkit",
      "hit: WORKDIR /w",
    ]);
    expect(stepsOf(after)[4]?.layer?.digest).toBe(built.manifest.layers.at(-1)?.digest);
    const explained = await explain(built.id);
    const needed = stepsOf(after).filter(({ id }) => !id.startsWith("unused"));
    expect(needed.map(({ id, name }) => [id, name])).toEqual(
      explained.filter(({ stage }) => stage !== "").map(({ id, name }) => [id, name]),
    );
  });

  test("shows the changes since the last build", async () => {
    const files = { a: "1", b: "2", Dockerfile: "FROM scratch\nCOPY a /\nCOPY b /\nCOPY --link b /c\n" };
    await build(files, { t: "planned/changed" });
    const listing = [file("a", "9"), file("b", "2")];
    const result = await plan({ dockerfile: files.Dockerfile, listing }, { t: "planned/changed" });
    expect(stepsOf(result).map(({ state }) => state)).toEqual(["miss", "unknown", "hit"]);
    expect(stepsOf(result)[0]?.why).toBe('"a" changed.');
    expect(stepsOf(result)[0]?.differences).toMatchObject([
      { part: "file", name: "a", after: `file 0644 ${sha256("9")}` },
    ]);
  });

  test("finds a step that reads equal files from another source", async () => {
    const query = { t: "planned/equal" };
    const text = (flags: string, more = "") => `FROM scratch\nCOPY ${flags}a /x\n${more}`;
    await build({ a: "1", Dockerfile: text("", "WORKDIR /w\n") }, query);
    await build({ a: "1", Dockerfile: text("--chown=0:0 ") }, query);
    const result = await plan(
      { dockerfile: text("--chown=0:0 ", "WORKDIR /w\n"), listing: [file("a", "1")] },
      query,
    );
    expect(statesOf(result)).toEqual(["hit: COPY --chown=0:0 a /x # buildkit", "hit: WORKDIR /w"]);
  });

  test("accepts the digest of a complete context, and of one with only a listing", async () => {
    const dockerfile = "FROM scratch\nCOPY a /\n";
    await build({ a: "1", Dockerfile: dockerfile }, { t: "planned/context" });
    const post = (lines: string[]) =>
      ask("/v1/contexts?scope=planned/context", { method: "POST", body: lines.join("\n") });
    const { digest } = await (await post([JSON.stringify(file("a", "1"))])).json<{ digest: string }>();
    const known = await plan({ context: digest, dockerfile }, { t: "planned/context" });
    expect(statesOf(known)).toEqual(["hit: COPY a / # buildkit"]);
    const changed = await post([JSON.stringify(file("a", "2"))]);
    const { digest: other, missing } = await changed.json<{ digest: string; missing: string[] }>();
    expect(missing).toHaveLength(1);
    const partly = await plan({ context: other, dockerfile }, { t: "planned/context" });
    expect(statesOf(partly)).toEqual(["miss: COPY a / # buildkit"]);
    const foreign = await ask("/v1/plan?t=planned/elsewhere", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ context: digest, dockerfile }),
    });
    expect(await problemIn(foreign)).toMatchObject({ status: 404, code: "context-unknown" });
  });

  test("does not reveal whether another repository has a file", async () => {
    const text = "FROM scratch\nCOPY secret /\nWORKDIR /w\n";
    await build({ secret: "s3cret", Dockerfile: text }, { t: "planned/secret" });
    const listing = [file("secret", "s3cret")];
    const own = await plan({ dockerfile: text, listing }, { t: "planned/secret" });
    expect(stepsOf(own).map(({ state }) => state)).toEqual(["hit", "hit"]);
    const other = await plan({ dockerfile: text, listing }, { t: "planned/curious" });
    expect(stepsOf(other).map(({ state }) => state)).toEqual(["miss", "unknown"]);
    // The options in the body do not decide whose files they are.
    const sly = await plan(
      { dockerfile: text, listing, options: { tags: ["planned/secret"] } },
      { t: "planned/curious" },
    );
    expect(stepsOf(sly).map(({ state }) => state)).toEqual(["miss", "unknown"]);
  });

  test("stores nothing", async () => {
    const before = await storedKeys();
    await plan(
      { dockerfile, listing: [file("a", "never"), file("b", "seen"), file("t", "before")] },
      { t: "planned/no" },
    );
    expect(await storedKeys()).toEqual(before);
  });

  test("leaves steps open that depend on missing images or downloads", async () => {
    const text = "FROM nowhere.invalid/app:1\nENV A=$PATH\nCOPY a /\nADD http://nowhere.invalid/x /\n";
    const result = await plan({ dockerfile: text, listing: [file("a", "1")] });
    expect(result.problem).toBeUndefined();
    expect(result.findings).toEqual([]);
    expect(result.platforms[0]?.images).toEqual([{ id: "image-0", reference: "nowhere.invalid/app:1" }]);
    expect(result.platforms[0]?.edges).toMatchObject([{ kind: "from", from: { image: "image-0" }, to: 0 }]);
    expect(stepsOf(result).map(({ state, why }) => [state, why])).toEqual([
      ["unknown", "The image nowhere.invalid/app:1 is not stored here, so its files are not known."],
      [
        "unknown",
        "It depends on the contents of http://nowhere.invalid/x, which are not fetched for a plan.",
      ],
    ]);
  });

  test("has a separate result for each platform", async () => {
    const text = "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /\n";
    const result = await plan(
      { dockerfile: text, listing: [file("amd64", "1"), file("arm64", "22")] },
      { platform: "linux/amd64,linux/arm64" },
    );
    expect(
      result.platforms.map(({ platform, steps }) => [platform, steps[0]?.id, steps[0]?.sources[0]?.bytes]),
    ).toEqual([
      ["linux/amd64", "linux/amd64/0", 1],
      ["linux/arm64", "linux/arm64/0", 2],
    ]);
  });
});

describe("an error", () => {
  test("is reported with its position, next to the planned steps", async () => {
    const text = "FROM scratch\nCOPY a /\n  COPY none /\n";
    const result = await plan({ dockerfile: text, listing: [file("a", "1")] });
    expect(result.problem).toMatchObject({
      code: "source-not-found",
      errors: [{ file: "Dockerfile", line: 3 }],
    });
    expect(stepsOf(result).map(({ state }) => state)).toEqual(["miss", "unknown"]);
  });

  test("a text that is not a Dockerfile has findings and no stages", async () => {
    const result = await plan({ dockerfile: "FROM scratch\nCOPPY a b\n" });
    expect(result.platforms).toEqual([]);
    expect(result.problem).toMatchObject({ code: "dockerfile/parse/unknown-instruction" });
    expect(result.findings).toMatchObject([{ severity: "error", line: 2, column: 1 }]);
  });

  test.each([
    ["FROM scratch\nCOPY a \\\n  gone \\\n  /d/\n", 3, 3],
    ["FROM --platform=lin/ux/a/b scratch\n", 1, 17],
    ["FROM scratch\nCOPY --from=$A a /\n", 2, 13],
    ["FROM scratch\nCOPY --from=7 a /\n", 2, 13],
    ["FROM Upper/case\n", 1, 6],
    ["FROM scratch\nCOPY a http://x/ /d/\n", 2, 8],
    ["FROM scratch\nCOPY --chmod=9z a /\n", 2, 14],
    ["FROM scratch\nSTOPSIGNAL NOPE\n", 2, 12],
    ["FROM scratch\nRUN --mount=type=tmpfs,target=/ x\n", 2, 31],
  ])("has the column of the wrong word: %j", async (text, line, column) => {
    const { problem } = await plan({ dockerfile: text, listing: [file("a", "1")] });
    expect(problem?.errors).toMatchObject([{ line, column }]);
  });

  test("without a context, steps that read it are unknown", async () => {
    const answer = await ask("/v1/plan", { method: "POST", body: "FROM scratch\nCOPY a /\nWORKDIR /x\n" });
    const result = await answer.json<PlanResult>();
    expect(stepsOf(result).map(({ state }) => state)).toEqual(["unknown", "unknown"]);
    expect(stepsOf(result)[0]?.why).toBe("It reads the build context, and none was given.");
  });

  test("an invalid listing is rejected", async () => {
    const answer = await ask("/v1/plan", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        dockerfile: "FROM scratch\n",
        listing: [["../a", "file", 420, 0, 0, 0, sha256("")]],
      }),
    });
    expect(await problemIn(answer)).toMatchObject({ status: 400, code: "listing-invalid" });
  });
});
