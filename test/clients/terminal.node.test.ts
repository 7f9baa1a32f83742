import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalRunner } from "../../src/serve/local-runner.ts";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { startServer } from "../cli/server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { Tmux } from "./tmux.ts";

// `varve build` in a real terminal: its display while a step runs, after a change of the window size, and at the end.

const varve = `${process.execPath} ${join(import.meta.dirname, "../../src/cli/varve.ts")}`;
const script =
  'i=0; while [ $i -lt 40 ]; do echo "line $i of a text that is too long for a narrow terminal"; sleep 0.1; i=$((i+1)); done';
/** Clears the screen, sets the title, and goes up two lines, in red. */
const hostile = String.raw`printf '\033[2J\033]0;taken over\007\033[31m\033[2Aover\n'`;
const counting = (name: string) =>
  `i=0; while [ $i -lt 60 ]; do echo "${name} $i"; sleep 0.1; i=$((i+1)); done`;
const project = temporaryFolder({
  parallel: `FROM scratch AS base\nCOPY busybox /bin/sh\nCOPY busybox /bin/sleep\nFROM base AS one\nRUN ${counting("one")}\nFROM base AS two\nRUN ${counting("two")}\nFROM base\nCOPY --from=one /bin/sh /a\nCOPY --from=two /bin/sh /b\n`,
  hostile: `FROM scratch\nCOPY busybox /bin/sh\nRUN ${hostile}\n`,
  Dockerfile: `FROM scratch AS base\nCOPY busybox /bin/sh\nCOPY busybox /bin/sleep\nFROM base\nRUN ${script}\n`,
});

/** Outside the project, which is the context. */
const state = temporaryFolder();
let server: LocalServer & AsyncDisposable;
let runner: Awaited<ReturnType<typeof startLocalRunner>>;
beforeAll(async () => {
  copyFileSync("/bin/busybox", join(project.path, "busybox"));
  server = await startServer();
  runner = await startLocalRunner({
    server: server.url,
    token: "",
    data: join(state.path, "runner"),
  });
});
afterAll(async () => {
  await runner.close();
  await server[Symbol.asyncDispose]();
  project[Symbol.dispose]();
  state[Symbol.dispose]();
});

const open = (columns: number, rows: number, args = "", env: Record<string, string> = {}) =>
  Tmux.open(
    columns,
    rows,
    `${varve} build -t terminal --runner pool ${args} ${project.path}; echo "code $?"; sleep 60`,
    {
      VARVE_SERVER: server.url,
      XDG_CACHE_HOME: join(state.path, "cache"),
      ...env,
    },
  );

// Equal inputs would be the same build, so each test that executes one has its own label.
const shown = (lines: string[]) => lines.filter((line) => line !== "");

test("shows steps, times and output at 80 columns, and the image at the end", async () => {
  await using terminal = await open(80, 24, "--no-cache --label test=0");
  const running = shown(await terminal.until((lines) => lines.some((line) => line.includes("# line 12"))));
  expect(running[0]).toMatch(/^\[\+\] Building \d+\.\ds \(\d\/\d\) +varve:localhost:\d+$/);
  expect(running.filter((line) => line.startsWith(" => => # line"))).toHaveLength(6);
  const step = running.find((line) => line.includes("RUN i=0"));
  expect(step).toMatch(/^ => \[stage-1 1\/1\] RUN i=0; .*\.\.\. \d\.\ds$/);
  expect(step).toHaveLength(80);
  expect(await terminal.hasCursor()).toBe(false);
  const over = shown(await terminal.until((lines) => lines.some((line) => line.startsWith("code"))));
  expect(over[0]).toContain("FINISHED");
  expect(over.slice(-2)).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/), "code 0"]);
  expect(over.join("\n")).not.toContain("# line");
  expect(await terminal.hasCursor()).toBe(true);
});

test("shows all running steps, each with as many lines as fit", async () => {
  await using terminal = await open(80, 24, `-f ${join(project.path, "parallel")} --no-cache`);
  const isLine = (name: string) => (line: string) => line.startsWith(` => => # ${name} `);
  const linesOf = (lines: string[]) => ["one", "two"].map((name) => lines.filter(isLine(name)).length);
  const running = await terminal.until((lines) => linesOf(lines).every((count) => count === 6));
  for (const name of ["one", "two"]) {
    const title = running.findIndex((line) => line.startsWith(` => [${name} 1/1] RUN i=0; `));
    expect(running[title]).toMatch(/ \d\.\ds$/);
    expect(running.slice(title + 1, title + 7).every(isLine(name))).toBe(true);
  }
  await terminal.resize(80, 8);
  await terminal.until((lines) => linesOf(lines).every((count) => count === 2));
  await terminal.resize(80, 4);
  const low = shown(await terminal.until((lines) => linesOf(lines).every((count) => count === 0)));
  expect(low.filter((line) => /^ => \[(one|two) 1\/1\] RUN/.test(line))).toHaveLength(2);
  await terminal.press("C-c");
  await terminal.until((lines) => lines.some((line) => line.startsWith("code 130")));
});

test("stays intact when the window is resized", async () => {
  await using terminal = await open(80, 24, "--no-cache --label test=1");
  for (const [columns, rows] of [
    [50, 24],
    [100, 24],
    [60, 24],
    [60, 7],
  ] as const) {
    await terminal.until((lines) => lines.some((line) => /# line ([2-9]|\d\d)/.test(line)));
    await terminal.resize(columns, rows);
    await terminal.until((lines) => {
      const heads = lines.filter((line) => line.startsWith("[+] Building"));
      const steps = lines.filter((line) => line.startsWith(" => [stage-1"));
      return heads.length === 1 && steps.length === 1 && steps[0]?.length === columns;
    });
  }
});

test("shows cached steps in another colour, and no colours with NO_COLOR", async () => {
  await using colored = await open(80, 24);
  await colored.until((lines) => lines.some((line) => line.startsWith("code")));
  const line = (await colored.lines({ colors: true })).find((text) => text.includes("CACHED"));
  expect(line?.startsWith("\x1b[36m => CACHED ")).toBe(true);
  await using plain = await open(80, 24, "", { NO_COLOR: "1" });
  await plain.until((lines) => lines.some((text) => text.startsWith("code")));
  expect((await plain.lines({ colors: true })).join("")).not.toContain("\x1b[");
});

test("with plain progress, only colours of a step's output reach the terminal", async () => {
  const asked = `-f ${join(project.path, "hostile")} --no-cache --progress=plain`;
  await using terminal = await open(80, 24, asked);
  const title = await terminal.title();
  const over = shown(await terminal.until((lines) => lines.some((line) => line.startsWith("code"))));
  expect(over[0]).toMatch(/^#1 /);
  expect(over).toContainEqual(expect.stringMatching(/^#\d \d\.\d+ over$/));
  expect((await terminal.lines({ colors: true })).join("\n")).toContain("\x1b[31mover\x1b[39m");
  expect(await terminal.title()).toBe(title);
  expect(title).not.toBe("taken over");
});

test("Ctrl-C cancels the build at the server", async () => {
  await using terminal = await open(80, 24, "--no-cache --label test=2");
  await terminal.until((lines) => lines.some((line) => line.includes("# line 2")));
  await terminal.press("C-c");
  const over = shown(await terminal.until((lines) => lines.some((line) => line.startsWith("code"))));
  expect(over.at(-1)).toBe("code 130");
  expect(over.join("\n")).toContain(" => CANCELED [stage-1 1/1] RUN");
  expect(await terminal.hasCursor()).toBe(true);
  const { builds } = (await (await fetch(`${server.url}/v1/builds`)).json()) as {
    builds: { state: string }[];
  };
  expect(builds[0]?.state).toBe("cancelled");
});
