import { expect, test } from "vitest";
import { type Problem, problem as problemSchema } from "../../schemas/problem.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { serve } from "./network.ts";
import { build, postBuild, problemIn } from "./server.ts";

serve("https://registry.example.com", () =>
  Response.json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }, { status: 404 }),
);

interface Mistake {
  /** The Dockerfile with the mistake. */
  dockerfile: string;
  files?: ContextFiles;
  query?: Record<string, string>;
  /** Status; default 400. */
  status?: number;
  code: string;
  /** BuildKit's message. */
  title: string;
  /** Position: line, last line if there are several, column. */
  at?: { line: number; endLine?: number; column?: number };
  hint?: RegExp;
}

const mistakes: Record<string, Mistake> = {
  "1 a source that is not there": {
    dockerfile: "FROM scratch\n\nCOPY app.js /app/\n",
    files: { "app.ts": "" },
    code: "source-not-found",
    title: 'failed to compute cache key: failed to calculate checksum of ref context: "/app.js": not found',
    at: { line: 3 },
    hint: /app\.ts/,
  },
  "1b a wildcard that matches nothing": {
    dockerfile: "FROM scratch\nCOPY d/*.none /x/\n",
    files: { "d/a.txt": "a" },
    code: "copy-failed",
    title: "lstat /d: no such file or directory",
    at: { line: 2 },
    hint: /^Nothing matches "d\/\*\.none"\.$/,
  },
  "1c a name with brackets": {
    dockerfile: "FROM scratch\nCOPY pages/[id].tsx /app/\n",
    files: { "pages/[id].tsx": "id", "pages/index.tsx": "index" },
    code: "copy-failed",
    title: "lstat /pages: no such file or directory",
    at: { line: 2 },
    hint: /A file has exactly this name: write "pages\/\[\[\]id\]\.tsx"/,
  },
  "2 a misspelt instruction": {
    dockerfile: "FROM scratch\nCOPPY a /\n",
    code: "dockerfile/parse/unknown-instruction",
    title: "dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)",
    hint: /COPY/,
    at: { line: 2, column: 1 },
  },
  "3 a misspelt flag": {
    dockerfile: "FROM scratch\nCOPY --chwon=1 a /\n",
    code: "dockerfile/parse/unknown-flag",
    title: "dockerfile parse error on line 2: unknown flag: --chwon (did you mean chown?)",
    hint: /chown/,
    at: { line: 2, column: 6 },
  },
  "4 a copy without a destination": {
    dockerfile: "FROM scratch\nCOPY a\n",
    code: "dockerfile/parse/arguments",
    title:
      "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
    at: { line: 2, column: 1 },
  },
  // 5, a process that fails, needs a runner: see run-steps.test.ts.
  "6 a target that is not there": {
    dockerfile: "FROM scratch AS build\nLABEL a=b\n",
    query: { target: "biuld" },
    code: "dockerfile/plan/unknown-target",
    title: 'target stage "biuld" could not be found (did you mean build?)',
    hint: /build/,
  },
  "7 an instruction before FROM": {
    dockerfile: "COPY a /\nFROM scratch\n",
    code: "dockerfile/parse/no-stage",
    title: "no build stage in current context",
    at: { line: 1, column: 1 },
  },
  "8 nothing but comments": {
    dockerfile: "# nothing\n",
    code: "dockerfile/parse/empty",
    title: "file with no instructions",
    at: { line: 1 },
  },
  "9 an empty file": {
    dockerfile: "",
    code: "dockerfile/parse/empty",
    title: "the Dockerfile cannot be empty",
  },
  "10 a variable without a value": {
    dockerfile: "FROM scratch\nENV A\n",
    code: "dockerfile/parse/key-value",
    title: "ENV must have two arguments",
    at: { line: 2 },
  },
  "11 a pair without =": {
    dockerfile: "FROM scratch\nENV a=b c\n",
    code: "dockerfile/parse/key-value",
    title: 'Syntax error - can\'t find = in "c". Must be of the form: name=value',
    at: { line: 2 },
  },
  "12 no variable at all": {
    dockerfile: "FROM scratch\nENV\n",
    code: "dockerfile/parse/arguments",
    title: "dockerfile parse error on line 2: ENV requires at least one argument",
    at: { line: 2, column: 1 },
  },
  "13 a FROM with two words": {
    dockerfile: "FROM scratch base\n",
    code: "dockerfile/parse/arguments",
    title: "dockerfile parse error on line 1: FROM requires either one or three arguments",
    at: { line: 1, column: 1 },
  },
  "14 a stage that begins with a digit": {
    dockerfile: "FROM scratch AS 1a\n",
    code: "dockerfile/parse/stage-name",
    title:
      'dockerfile parse error on line 1: invalid name for build stage: "1a", name can\'t start with a number or contain symbols',
    at: { line: 1, column: 17 },
  },
  "15 a base that is blank": {
    dockerfile: "ARG B\nFROM $B\n",
    code: "dockerfile/plan/blank-base",
    title: "base name ($B) should not be blank",
    at: { line: 2 },
  },
  "16 a base in upper case": {
    dockerfile: "FROM Alpine\n",
    code: "dockerfile/plan/invalid-reference",
    title:
      'failed to parse stage name "Alpine": invalid reference format: repository name (library/Alpine) must be lowercase',
    at: { line: 1 },
  },
  "17 a base that is not there": {
    dockerfile: "FROM registry.example.com/img\n",
    code: "base-unavailable",
    title:
      "registry.example.com/img: failed to resolve source metadata for registry.example.com/img:latest: ",
    at: { line: 1 },
  },
  "18 a here-document without an end": {
    dockerfile: "FROM scratch\nCOPY <<EOF /a\ntext\n",
    code: "dockerfile/parse/unterminated-heredoc",
    title: "unterminated heredoc",
    at: { line: 2 },
  },
  "19 a quote that is not closed": {
    dockerfile: 'FROM scratch\nLABEL a="b\n',
    code: "dockerfile/plan/expansion",
    title: "failed to process ",
    at: { line: 2 },
  },
  "20 a mode that is none": {
    dockerfile: "FROM scratch\nCOPY --chmod=64a a /\n",
    files: { a: "" },
    code: "dockerfile/plan/invalid-value",
    title: "invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777",
    at: { line: 2 },
  },
  "21 stages in a circle": {
    dockerfile: "FROM scratch AS a\nCOPY --from=a /x /y\n",
    code: "dockerfile/plan/circular-stages",
    title: "circular dependency detected on stage: a",
    at: { line: 2 },
  },
  "22 a copy from a later stage": {
    dockerfile: "FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\n",
    query: { target: "a" },
    code: "dockerfile/plan/stage-not-yet-defined",
    title: 'cannot copy from stage "b", it needs to be defined before current stage "a"',
    at: { line: 2 },
  },
  "23 a port that is none": {
    dockerfile: "FROM scratch\nEXPOSE abc\n",
    code: "dockerfile/plan/invalid-value",
    title: "invalid containerPort: abc",
    at: { line: 2 },
  },
  "24 a shell that is not JSON": {
    dockerfile: "FROM scratch\nSHELL /bin/sh -c\n",
    code: "dockerfile/parse/arguments",
    title: "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form",
    at: { line: 2, column: 1 },
  },
  "25 a platform that is blank": {
    dockerfile: "FROM --platform=$TARGETPLATFROM scratch\n",
    code: "dockerfile/plan/invalid-platform",
    title: "empty platform value from expression $TARGETPLATFROM (did you mean TARGETPLATFORM?)",
    hint: /TARGETPLATFORM/,
    at: { line: 1 },
  },
};

async function send({ dockerfile, files, query }: Mistake): Promise<Problem> {
  const problem = await problemIn(await postBuild({ Dockerfile: dockerfile, ...files }, query));
  return problemSchema.parse(problem);
}

test.each(Object.entries(mistakes))("%s", async (_, mistake) => {
  const problem = await send(mistake);
  expect(problem).toMatchObject({
    status: mistake.status ?? 400,
    code: mistake.code,
    title: expect.stringContaining(mistake.title),
  });
  expect(problem.detail).toContain(problem.title);
  if (mistake.hint !== undefined) expect(problem.hint).toMatch(mistake.hint);
  if (mistake.at === undefined) {
    // The error has no position.
    expect(problem).not.toHaveProperty("errors");
    return;
  }
  expect(problem.errors).toMatchObject([{ file: "Dockerfile", ...mistake.at }]);
  // The excerpt, with the line at fault marked between its neighbours.
  const { line } = mistake.at;
  const text = mistake.dockerfile.split("\n")[line - 1];
  expect(problem.detail).toContain(`\nDockerfile:${line}\n--------------------\n`);
  expect(problem.detail).toContain(`${String(line).padStart(4)} | >>> ${text}`);
});

test("errors contain the requested path of the Dockerfile", async () => {
  const problem = await problemIn(
    await postBuild({ "docker/app": "FROM scratch\nCOPPY a /\n" }, { dockerfile: "docker/app" }),
  );
  expect(problem.errors).toMatchObject([{ file: "docker/app", line: 2 }]);
});

test.each([
  ["src/maim.c", "src/main.c"],
  ["Src/main.c", "src/main.c"],
  ["sr/main.c", "src/main.c"],
  ["lib/main.c", "src/main.c"],
  ["main.c", "src/main.c"],
])("a missing source: for %s, the hint suggests %s", async (written, meant) => {
  const problem = await problemIn(
    await postBuild({ Dockerfile: `FROM scratch\nCOPY ${written} /\n`, "src/main.c": "", "docs/a": "" }),
  );
  expect(problem).toMatchObject({ code: "source-not-found", hint: `Did you mean "${meant}"?` });
});

test.each([
  ["that cannot be planned", "FROM scratch\nEXPOSE 1-3:5-6\n", ["ExposeInvalidFormat"], [2]],
  [
    "with ignored sources",
    "FROM scratch\nCOPY a /\nADD a /\n",
    ["CopyIgnoredFile", "CopyIgnoredFile"],
    [2, 3],
  ],
  ["that cannot be read", "FROM scratch AS App\nCOPPY a /\n", ["StageNameCasing"], [1]],
])("the error of a Dockerfile %s includes its warnings", async (_, dockerfile, rules, lines) => {
  const files = { "docker/app": dockerfile, ".dockerignore": "a", a: "" };
  const problem = problemSchema.parse(await problemIn(await postBuild(files, { dockerfile: "docker/app" })));
  const { warnings = [] } = problem;
  expect(warnings.map(({ rule }) => rule)).toEqual(rules);
  expect(warnings.map(({ line }) => line)).toEqual(lines);
  for (const { file } of warnings) expect(file).toBe("docker/app");
});

test("an ignored source: the error names the ignore file", async () => {
  const files = {
    Dockerfile: "FROM scratch\nCOPY dist /\n",
    ".dockerignore": "dist",
    "dist/a": "",
    "dust/a": "",
  };
  const problem = await problemIn(await postBuild(files));
  expect(problem).toMatchObject({ code: "source-not-found", hint: expect.stringContaining(".dockerignore") });
});

test("a missing Dockerfile: the error lists existing files", async () => {
  const problem = await problemIn(await postBuild({ "docker/Dockerfile.web": "FROM scratch" }));
  expect(problem).toMatchObject({
    status: 400,
    code: "dockerfile-missing",
    title: "failed to read dockerfile: open Dockerfile: no such file or directory",
    hint: expect.stringContaining("docker/Dockerfile.web"),
  });
});

serve("https://registry-1.docker.io", () =>
  Response.json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }, { status: 404 }),
);

test("an image of this server without its host: the hint has the full name", async () => {
  await build({ Dockerfile: "FROM scratch\nLABEL a=1\n" }, { t: "mistakes/base:2" });
  const problem = await problemIn(await postBuild({ Dockerfile: "FROM mistakes/base:2\n" }));
  expect(problem).toMatchObject({
    code: "base-unavailable",
    hint: "This server has an image of this name. To use it, write localhost/mistakes/base:2.",
  });
  await build({ Dockerfile: "FROM localhost/mistakes/base:2\n" });
  const other = await problemIn(await postBuild({ Dockerfile: "FROM mistakes/base:3\n" }));
  expect(other.hint).not.toContain("This server");
});
