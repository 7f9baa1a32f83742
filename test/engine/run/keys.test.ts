import { describe, expect, test } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import { ContextBuilder } from "../../../src/context/context-builder.ts";
import { saveContext } from "../../../src/context/store.ts";
import { prepareBuild, runBuild } from "../../../src/engine/build.ts";
import { readInputs } from "../../../src/engine/inputs.ts";
import { planBuild } from "../../../src/engine/plan-build.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { echoRunner } from "../../helpers/echo-runner.ts";
import { buildMemory, memoryWorld } from "../../helpers/memory-world.ts";
import { entry } from "../../tar/archive.ts";

interface Given {
  dockerfile: string;
  files?: Record<string, string>;
  mtime?: number;
  args?: Record<string, string>;
  secrets?: Record<string, string>;
  /** Query of the build request. */
  query?: string;
}

/** Executes builds one after the other with one cache; returns the RUN steps that the last one executed. */
async function runsOfLast(...builds: Given[]): Promise<string[]> {
  const store = memoryStore();
  const cache = memoryCache();
  const runners = echoRunner(store);
  for (const { dockerfile, files = {}, mtime = 0, args = {}, secrets = {}, query = "" } of builds) {
    runners.runs.length = 0;
    const builder = new ContextBuilder(store);
    for (const [path, text] of Object.entries(files))
      builder.add(entry({ path, mtime }), await builder.store(new TextEncoder().encode(text)));
    const context = await builder.finish();
    await saveContext(store, context);
    const options = readOptions(new URLSearchParams(query), { buildArgs: args });
    const inputs = await readInputs({ context, dockerfile, ignore: undefined }, options);
    const value = (id: string) =>
      secrets[id] === undefined ? undefined : new TextEncoder().encode(secrets[id]);
    const world = {
      ...memoryWorld({ store, cache }),
      runners,
      secrets: { value, isHeld: () => false, isForwarded: () => false },
    };
    const prepared = await prepareBuild(await planBuild(inputs, world), world);
    await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
  }
  return runners.runs.map(({ args }) => args.at(-1) ?? "");
}

const FROM = "FROM scratch\n";

describe("a RUN is found in the build cache", () => {
  test.each([
    ["as it was", `${FROM}RUN x\n`, `${FROM}RUN x\n`],
    ["below another label", `${FROM}LABEL a=1\nRUN x\n`, `${FROM}LABEL a=2\nRUN x\n`],
    ["after another CMD", `${FROM}CMD ["a"]\nRUN x\n`, `${FROM}CMD ["b"]\nRUN x\n`],
    ["in a stage of another name", `FROM scratch AS a\nRUN x\n`, `FROM scratch AS b\nRUN x\n`],
  ])("%s", async (_, before, after) => {
    expect(await runsOfLast({ dockerfile: before }, { dockerfile: after })).toEqual([]);
  });

  test("with other files of the context than those that are mounted, and other times", async () => {
    const dockerfile = `${FROM}RUN --mount=source=d,target=/m x\n`;
    const first = { dockerfile, files: { "d/f": "1", other: "1" }, mtime: 1 };
    expect(await runsOfLast(first, { dockerfile, files: { "d/f": "1", other: "2" }, mtime: 2 })).toEqual([]);
  });

  test("with another proxy and other values of secrets", async () => {
    const dockerfile = `${FROM}RUN --mount=type=secret,id=s x\n`;
    const first = { dockerfile, args: { HTTP_PROXY: "http://a" }, secrets: { s: "1" } };
    expect(
      await runsOfLast(first, { dockerfile, args: { HTTP_PROXY: "http://b" }, secrets: { s: "2" } }),
    ).toEqual([]);
  });

  test("when a stage that it mounts was executed again with the same result", async () => {
    const dockerfile = (text: string) =>
      `FROM scratch AS s\nRUN ${text}; echo same > /f\n${FROM}RUN --mount=from=s,target=/m last\n`;
    expect(await runsOfLast({ dockerfile: dockerfile("a") }, { dockerfile: dockerfile("b") })).toEqual([
      "b; echo same > /f",
    ]);
  });
});

describe("a RUN executes again", () => {
  // Its files have new times, which programs may have stored.
  test("when its parent executed again, although the files are equal", async () => {
    const dockerfile = (text: string) => `${FROM}RUN ${text}; echo same > /f\nRUN last\n`;
    expect(await runsOfLast({ dockerfile: dockerfile("a") }, { dockerfile: dockerfile("b") })).toEqual([
      "b; echo same > /f",
      "last",
    ]);
  });

  test.each([
    ["command", `${FROM}RUN x  y\n`, `${FROM}RUN x y\n`],
    ["form", `${FROM}RUN x\n`, `${FROM}RUN ["/bin/sh", "-c", "x "]\n`],
    ["environment", `${FROM}ENV A=1\nRUN x\n`, `${FROM}ENV A=2\nRUN x\n`],
    ["user", `${FROM}USER 1\nRUN x\n`, `${FROM}USER 2\nRUN x\n`],
    ["mount", `${FROM}RUN --mount=type=tmpfs,target=/a x\n`, `${FROM}RUN --mount=type=tmpfs,target=/b x\n`],
    ["network", `${FROM}RUN x\n`, `${FROM}RUN --network=none x\n`],
    [
      "cache",
      `${FROM}RUN --mount=type=cache,target=/a,id=a x\n`,
      `${FROM}RUN --mount=type=cache,target=/a,id=b x\n`,
    ],
    ["parent", `${FROM}RUN echo 1 > /f\nRUN x\n`, `${FROM}RUN echo 2 > /f\nRUN x\n`],
    [
      "cache that has initial contents",
      `FROM scratch AS s\nRUN y\n${FROM}RUN --mount=type=cache,target=/a,from=s --mount=type=cache,target=/b x\n`,
      `FROM scratch AS s\nRUN y\n${FROM}RUN --mount=type=cache,target=/a --mount=type=cache,target=/b,from=s x\n`,
    ],
  ])("with another %s", async (_, before, after) => {
    expect(await runsOfLast({ dockerfile: before }, { dockerfile: after })).toContain(
      (await runsOfLast({ dockerfile: after })).at(-1),
    );
  });

  test("with another argument, used or not", async () => {
    const dockerfile = `${FROM}ARG A\nRUN x\n`;
    expect(await runsOfLast({ dockerfile, args: { A: "1" } }, { dockerfile, args: { A: "2" } })).toEqual([
      "x",
    ]);
  });

  test("with other mounted files", async () => {
    const dockerfile = `${FROM}RUN --mount=source=d,target=/m x\n`;
    const first = { dockerfile, files: { "d/f": "1" } };
    expect(await runsOfLast(first, { dockerfile, files: { "d/f": "2" } })).toEqual(["x"]);
  });

  test("when it mounts another stage", async () => {
    const dockerfile = (text: string) =>
      `FROM scratch AS s\nRUN echo ${text} > /f\n${FROM}RUN --mount=from=s,target=/m last\n`;
    expect(await runsOfLast({ dockerfile: dockerfile("1") }, { dockerfile: dockerfile("2") })).toEqual([
      "echo 2 > /f",
      "last",
    ]);
  });
});

// Verified with docker build --no-cache-filter.
test.each([
  ["in it and above it", `FROM s\nRUN last\n`, ["echo same > /f", "last"]],
  [
    "in it, but not one that mounts its equal files",
    `${FROM}RUN --mount=from=s,target=/m last\n`,
    ["echo same > /f"],
  ],
  ["in it, but not one above its copied files", `${FROM}COPY --from=s /f /f\nRUN last\n`, ["echo same > /f"]],
])("a stage without build cache executes the steps %s", async (_, end, expected) => {
  const dockerfile = `FROM scratch AS s\nRUN echo same > /f\n${end}`;
  expect(await runsOfLast({ dockerfile }, { dockerfile, query: "nocachefilter=s" })).toEqual(expected);
});

test("a cache mount with initial contents is the same one in later builds, on any runner", async () => {
  const store = memoryStore();
  const cache = memoryCache();
  const keys: string[] = [];
  for (const command of ["a", "b"]) {
    const runners = echoRunner(store);
    const context = await new ContextBuilder(store).finish();
    await saveContext(store, context);
    const mount = "--mount=type=cache,from=s,target=/c";
    const dockerfile = `FROM scratch AS s\nRUN echo 1 > /f\nFROM s\nRUN ${mount} ${command}\n`;
    const inputs = await readInputs(
      { context, dockerfile, ignore: undefined },
      readOptions(new URLSearchParams()),
    );
    const world = { ...memoryWorld({ store, cache }), runners };
    const prepared = await prepareBuild(await planBuild(inputs, world), world);
    await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
    for (const { mounts } of runners.runs) {
      for (const made of mounts) if (made.type === "cache") keys.push(made.key);
    }
  }
  expect(keys).toEqual([keys[0], keys[0]]);
});

test("a missing mounted file is reported before anything runs", async () => {
  const dockerfile = `${FROM}RUN x\nRUN --mount=source=[no],target=/m x\n`;
  await expect(runsOfLast({ dockerfile, files: { n: "n" } })).rejects.toMatchObject({
    code: "source-not-found",
    lines: { start: 3, end: 3 },
  });
});

describe("settings of a build for its RUN steps", () => {
  const limits = (...all: [name: string, soft: number, hard: number][]) =>
    `ulimits=${JSON.stringify(all.map(([Name, Soft, Hard]) => ({ Name, Soft, Hard })))}`;
  const run = (query: string) => ({ dockerfile: `${FROM}RUN x\n`, query });

  // Each row was verified with docker build.
  test.each([
    ["extrahosts=a:1.1.1.1", "extrahosts=a:2.2.2.2"],
    ["extrahosts=a:1.1.1.1", "extrahosts=A=1.1.1.1"],
    [limits(["nofile", 100, 100]), limits(["nofile", 100, 100])],
    [
      limits(["nofile", 100, 100], ["nproc", 5, 5]),
      limits(["nproc", 5, 5], ["nofile", 1, 1], ["nofile", 100, 100]),
    ],
    ["shmsize=67108864", "shmsize=67108864"],
    ["networkmode=default", ""],
    ["shmsize=0&ulimits=[]&networkmode=&cgroupparent=", ""],
  ])("makes no difference: %s, %s", async (before, after) => {
    expect(await runsOfLast(run(before), run(after))).toEqual([]);
  });

  test.each([
    ["", "extrahosts=a:1.1.1.1"],
    ["extrahosts=a:1.1.1.1", "extrahosts=b:1.1.1.1"],
    ["extrahosts=a:1.1.1.1&extrahosts=b:2.2.2.2", "extrahosts=b:2.2.2.2&extrahosts=a:1.1.1.1"],
    [limits(["nofile", 100, 100]), limits(["nofile", 101, 101])],
    ["", limits(["nofile", 100, 100])],
    ["", "shmsize=67108864"],
    ["shmsize=1000000", "shmsize=2000000"],
    ["", "networkmode=none"],
    ["networkmode=host", "networkmode=none"],
  ])("makes another step: %s, %s", async (before, after) => {
    expect(await runsOfLast(run(before), run(after))).toEqual(["x"]);
  });

  test("ignores the parent control group, which the runner chooses, unlike docker", async () => {
    expect(await runsOfLast(run("cgroupparent=/a"), run("cgroupparent=/b"))).toEqual([]);
  });
});
