import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import { chooseLocale, locales } from "../../src/playground/i18n/locale.ts";
import { isConditionMet } from "../../src/playground/lessons/condition.ts";
import { fileBytes } from "../../src/playground/lessons/file-contents.ts";
import type { Lesson, LessonBuild, LessonRun, LessonState } from "../../src/playground/lessons/lesson.ts";
import { lessons } from "../../src/playground/lessons/lessons.ts";
import { advance, isRight, readProgress, writeProgress } from "../../src/playground/lessons/progress.ts";
import { type LessonData, lessonData, lessonTexts } from "../../src/playground/lessons/schema.ts";
import { isPath } from "../../src/playground/project/project.ts";
import { MAX_SHARED } from "../../src/playground/project/share.ts";
import { readDockerLine } from "../../src/playground/shell/docker-line.ts";

const values = { unique: "1a2b3c", host: "localhost:8787" };

function beginningOf({ files }: Lesson, path: string): string {
  return new TextDecoder().decode(fileBytes(files[path] ?? [], values));
}

/** A project at the start of a lesson, without a build. */
function beginning(lesson: Lesson): LessonState {
  const { files } = lesson;
  return {
    dockerfile: beginningOf(lesson, "Dockerfile"),
    isChanged: () => false,
    isSent: (path) => path in files,
    options: { tag: "x", target: "", buildArgs: {}, platform: "", noCache: false },
    plan: undefined,
    builds: [],
    runs: [],
    commands: [],
  };
}

const folder = join(import.meta.dirname, "../../src/playground/lessons/texts");
const textFiles = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("every lesson has a file of texts for each language, and there are no others", () => {
  const expected = lessons.flatMap(({ id }) => locales.map((locale) => `${id}.${locale}.json`));
  expect(textFiles.sort()).toEqual(expected.sort());
});

const dataFolder = join(import.meta.dirname, "../../src/playground/lessons/data");

test("each lesson is a file that its schema describes, and each file is a lesson", () => {
  const files = readdirSync(dataFolder);
  expect(files.sort()).toEqual(lessons.map(({ id }) => `${id}.json`).sort());
  for (const name of files) {
    const data: LessonData = lessonData.parse(JSON.parse(readFileSync(join(dataFolder, name), "utf8")));
    expect(`${data.id}.json`).toBe(name);
  }
});

test("there are at least 16 lessons", () => {
  expect(lessons.length).toBeGreaterThanOrEqual(16);
});

test.each(textFiles)("%s has the form of texts, and names docker's commands", (name) => {
  const texts = lessonTexts.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  const all = JSON.stringify(texts);
  expect(all).not.toMatch(/varve run|은\(는\)|을\(를\)|미스[가는를]|타깃|컨피그|십시오/);
});

describe.each(lessons)("$id", (lesson) => {
  test("shows only docker commands", () => {
    for (const { code = [] } of lesson.steps) expect(code.join("\n")).not.toMatch(/\bvarve\b/);
  });

  test("starts with a project that can be built and stored", () => {
    const paths = Object.keys(lesson.files);
    expect(readDockerfile(beginningOf(lesson, "Dockerfile")).dockerfile.stages.length).toBe(1);
    expect(paths.every(isPath)).toBe(true);
    expect(paths.map((path) => beginningOf(lesson, path)).join("").length).toBeLessThan(MAX_SHARED);
  });

  test("no step is completed at the start", () => {
    for (let done = 0; done < lesson.steps.length; done++) {
      expect(advance(lesson, done, beginning(lesson))).toBe(done);
    }
  });

  test.each(locales)("has texts for each step and answer in %s, and no others", (locale) => {
    chooseLocale(locale);
    const { title, question, steps } = lesson.words.value;
    expect(title).not.toBe("");
    expect(question).toMatch(/\?$/);
    expect(Object.keys(steps)).toEqual(lesson.steps.map(({ id }) => id));
    for (const step of lesson.steps) {
      const { task, hint, after, answers } = steps[step.id] ?? { task: "", hint: "", after: "" };
      for (const text of [task, hint, after]) {
        expect(text).toMatch(/[.?…]$/);
        // Code is between backticks.
        expect(text.split("`").length % 2).toBe(1);
        if (locale === "ko") expect(text).toMatch(/[가-힣]/);
      }
      const names = step.kind === "question" ? [...step.answers].sort() : undefined;
      expect(answers && Object.keys(answers).sort()).toEqual(names);
    }
  });

  test("each question has its right answer among its answers", () => {
    for (const step of lesson.steps) {
      if (step.kind !== "question") continue;
      expect(step.answers).toContain(step.right);
      // A missing image is reported where the link to it would be.
      if (step.needsBuild) expect(step.see).toBeDefined();
    }
  });

  test("the shell supports the commands that it offers to run", () => {
    for (const step of lesson.steps) {
      if (step.kind !== "task" || !step.code?.[0]?.startsWith("docker ")) continue;
      expect(step.code).toHaveLength(1);
      const command = readDockerLine(step.code[0]);
      // The lesson checks its effect, and shows its output to learners without a runner.
      expect(step.check.ran ?? step.check.shell).toBeDefined();
      if (lesson.runs && command.kind !== "run" && step.id !== "tag") expect(step.prints).toBeDefined();
    }
  });
});

test.each(locales)("the hint of each command explains this command in %s", (locale) => {
  chooseLocale(locale);
  const hints = lessons.flatMap(({ steps, words }) =>
    steps.flatMap(({ id, code }) => (code?.[0]?.startsWith("docker ") ? [words.value.steps[id]?.hint] : [])),
  );
  expect(hints.length).toBeGreaterThan(30);
  expect(hints.filter((hint, index) => hints.indexOf(hint) !== index)).toEqual([]);
});

test.each(locales)("base images that a lesson proposes are on the server in %s", (locale) => {
  chooseLocale(locale);
  const proposals = lessons.flatMap(({ words }) =>
    Object.values(words.value.steps).flatMap(({ withRunner }) => withRunner ?? []),
  );
  expect(proposals.length).toBeGreaterThan(0);
  for (const text of proposals) expect(text).toContain("`FROM {host}/varve/busybox`");
});

test("each lesson has a separate address", () => {
  expect(new Set(lessons.map(({ id }) => id)).size).toBe(lessons.length);
});

const lesson: Lesson = {
  ...(lessons[0] as Lesson),
  steps: [
    { kind: "task", id: "build", check: { built: true } },
    { kind: "task", id: "twice", check: { tag: "same" } },
    { kind: "question", id: "how many", answers: ["2", "3"], right: "3", needsBuild: true },
    { kind: "task", id: "thrice", check: { tag: "other" } },
  ],
};
const builtTimes = (count: number): LessonState => ({
  ...beginning(lesson),
  builds: Array.from({ length: count }, (_, index) => ({ tag: index > 2 ? "b" : "a" }) as LessonBuild),
});

test("steps are completed in order, and a question only by its answer", () => {
  expect(advance(lesson, 0, builtTimes(0))).toBe(0);
  expect(advance(lesson, 0, builtTimes(1))).toBe(1);
  expect(advance(lesson, 0, builtTimes(3))).toBe(2);
  expect(isRight(lesson, 2, "2", builtTimes(3))).toBe(false);
  expect(isRight(lesson, 2, "3", builtTimes(0))).toBe(false);
  expect(isRight(lesson, 2, "3", builtTimes(3))).toBe(true);
  expect(isRight(lesson, 1, "3", builtTimes(3))).toBe(false);
  expect(advance(lesson, 3, builtTimes(3))).toBe(3);
  expect(advance(lesson, 3, builtTimes(4))).toBe(4);
  expect(advance(lesson, 4, builtTimes(4))).toBe(4);
});

describe("executed steps", () => {
  const ended: LessonRun = {
    command: "sh -c cat /lists/a",
    mounts: ["volume"],
    output: "milk\r\nbread\r\n",
    code: 0,
    isRunning: false,
    isEarlier: false,
  };
  const { code: _, ...rest } = ended;
  const running: LessonRun = { ...rest, code: undefined, isRunning: true };
  const withRuns = (...runs: LessonRun[]): LessonState => ({ ...builtTimes(0), runs });

  test("is matched by command, output, exit code and mounts", () => {
    const state = withRuns(ended);
    expect(
      isConditionMet({ ran: { command: "cat", output: "^bread", code: 0, mounts: ["volume"] } }, state),
    ).toBe(true);
    for (const ran of [{ command: "ls" }, { output: "^read" }, { code: 1 }, { mounts: ["tmpfs" as const] }]) {
      expect(isConditionMet({ ran }, state)).toBe(false);
    }
    expect(isConditionMet({ ran: { output: "milk", lacks: "bread" } }, state)).toBe(false);
    expect(isConditionMet({ ran: { output: "milk", lacks: "butter" } }, state)).toBe(true);
    expect(isConditionMet({ ran: { lacks: "butter" } }, withRuns(running))).toBe(false);
  });

  test("counts once, but a container that runs counts for later steps as well", () => {
    const earlier = { ...ended, isEarlier: true };
    expect(isConditionMet({ ran: { output: "milk" } }, withRuns(earlier))).toBe(false);
    expect(isConditionMet({ ran: { running: true } }, withRuns({ ...running, isEarlier: true }))).toBe(true);
    expect(isConditionMet({ ran: { running: true } }, withRuns(ended))).toBe(false);
    expect(isConditionMet({ ran: { running: false } }, withRuns(earlier))).toBe(true);
    const twice: Lesson = {
      ...lesson,
      steps: [
        { kind: "task", id: "one", check: { ran: { output: "milk" } } },
        { kind: "task", id: "two", check: { ran: { output: "milk" } } },
      ],
    };
    expect(advance(twice, 0, withRuns(ended))).toBe(1);
  });

  test("is a command of the shell with its output and exit code", () => {
    const state = {
      ...builtTimes(0),
      commands: [{ line: "docker volume rm lists", output: "lists\n", code: 0 }],
    };
    expect(isConditionMet({ shell: { command: "volume rm", output: "lists", code: 0 } }, state)).toBe(true);
    expect(isConditionMet({ shell: { command: "volume rm", code: 1 } }, state)).toBe(false);
    expect(isConditionMet({ shell: { command: "volume create" } }, state)).toBe(false);
  });
});

test("stored progress is read back, and invalid values are dropped", () => {
  const progress = new Map([
    ["image", 3],
    ["tags", 0],
  ]);
  expect(readProgress(JSON.parse(writeProgress(progress)))).toEqual(progress);
  for (const stored of [undefined, null, [], "x", { image: -1, tags: "2", order: 1.5 }]) {
    expect(readProgress(stored)).toEqual(new Map());
  }
});
