import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import { chooseLocale, locales } from "../../src/playground/i18n/locale.ts";
import type { Lesson, LessonBuild, LessonState } from "../../src/playground/lessons/lesson.ts";
import { lessons } from "../../src/playground/lessons/lessons.ts";
import { advance, isRight, readProgress, writeProgress } from "../../src/playground/lessons/progress.ts";
import { lessonTexts } from "../../src/playground/lessons/texts/schema.ts";
import { isPath } from "../../src/playground/project/project.ts";
import { LARGEST_SHARED } from "../../src/playground/project/share.ts";

/** A project as a lesson begins, of which nothing is built. */
function beginning({ files }: Lesson): LessonState {
  return {
    dockerfile: files.Dockerfile ?? "",
    isChanged: () => false,
    isSent: (path) => path in files,
    options: { tag: "x", target: "", buildArgs: {}, platform: "", noCache: false },
    plan: undefined,
    builds: [],
  };
}

const folder = join(import.meta.dirname, "../../src/playground/lessons/texts");
const textFiles = readdirSync(folder).filter((name) => name.endsWith(".json"));

test("every lesson has a file of texts for each language, and there are no others", () => {
  const expected = lessons.flatMap(({ id }) => locales.map((locale) => `${id}.${locale}.json`));
  expect(textFiles.sort()).toEqual(expected.sort());
});

test.each(textFiles)("%s has the form of texts, and names docker's commands", (name) => {
  const texts = lessonTexts.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  const all = JSON.stringify(texts);
  expect(all).not.toMatch(/varve run|은\(는\)|을\(를\)|미스[가는를]|타깃|컨피그|십시오/);
});

describe.each(lessons)("$id", (lesson) => {
  test("shows commands of docker alone", () => {
    for (const { code } of lesson.steps) expect(code ?? "").not.toMatch(/\bvarve\b/);
  });

  test("begins with a project that can be built and kept", () => {
    expect(readDockerfile(lesson.files.Dockerfile ?? "").dockerfile.stages.length).toBe(1);
    expect(Object.keys(lesson.files).every(isPath)).toBe(true);
    expect(Object.values(lesson.files).join("").length).toBeLessThan(LARGEST_SHARED);
  });

  test("nothing of it is done when it begins", () => {
    for (let done = 0; done < lesson.steps.length; done++) {
      expect(advance(lesson, done, beginning(lesson))).toBe(done);
    }
  });

  test.each(locales)("has words for every step and answer in %s, and no others", (locale) => {
    chooseLocale(locale);
    const { title, question, steps } = lesson.words.value;
    expect(title).not.toBe("");
    expect(question).toMatch(/\?$/);
    expect(Object.keys(steps)).toEqual(lesson.steps.map(({ id }) => id));
    for (const step of lesson.steps) {
      const { task, hint, after, answers } = steps[step.id] ?? { task: "", hint: "", after: "" };
      for (const text of [task, hint, after]) {
        expect(text).toMatch(/[.?…]$/);
        // Code stands between backticks.
        expect(text.split("`").length % 2).toBe(1);
        if (locale === "ko") expect(text).toMatch(/[가-힣]/);
      }
      const names = step.kind === "question" ? [...step.answers].sort() : undefined;
      expect(answers && Object.keys(answers).sort()).toEqual(names);
    }
  });

  test("each question whose answer is known beforehand has it among its answers", () => {
    for (const step of lesson.steps) {
      if (step.kind !== "question") continue;
      const right = step.right(beginning(lesson));
      if (right !== undefined) expect(step.answers).toContain(right);
      // Then an image is missed, which is said where the way to it would stand.
      else expect(step.see).toBeDefined();
    }
  });
});

test("every lesson has an address of its own", () => {
  expect(new Set(lessons.map(({ id }) => id)).size).toBe(lessons.length);
});

const lesson: Lesson = {
  ...(lessons[0] as Lesson),
  steps: [
    { kind: "task", id: "build", check: ({ builds }) => builds.length > 0 },
    { kind: "task", id: "twice", check: ({ builds }) => builds.length > 1 },
    { kind: "question", id: "how many", answers: ["2", "3"], right: ({ builds }) => String(builds.length) },
    { kind: "task", id: "thrice", check: ({ builds }) => builds.length > 2 },
  ],
};
const after = (count: number): LessonState => ({
  ...beginning(lesson),
  builds: Array.from({ length: count }, () => ({}) as LessonBuild),
});

test("steps are ticked off in their order, and a question only by its answer", () => {
  expect(advance(lesson, 0, after(0))).toBe(0);
  expect(advance(lesson, 0, after(1))).toBe(1);
  expect(advance(lesson, 0, after(3))).toBe(2);
  expect(isRight(lesson, 2, "2", after(3))).toBe(false);
  expect(isRight(lesson, 2, "3", after(3))).toBe(true);
  expect(isRight(lesson, 1, "3", after(3))).toBe(false);
  expect(advance(lesson, 3, after(3))).toBe(4);
  expect(advance(lesson, 4, after(3))).toBe(4);
});

test("progress is read as it was written, and whatever else was kept counts as none", () => {
  const progress = new Map([
    ["image", 3],
    ["tags", 0],
  ]);
  expect(readProgress(writeProgress(progress))).toEqual(progress);
  for (const kept of [undefined, "", "{", "null", "[]", '"x"', '{"image":-1,"tags":"2","order":1.5}']) {
    expect(readProgress(kept)).toEqual(new Map());
  }
});
