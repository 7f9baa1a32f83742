import { has, type Lesson, type LessonBuild, lastBuild, lastTwo, layersOf, UNIQUE } from "./lesson.ts";
import en from "./texts/base.en.json";
import ko from "./texts/base.ko.json";
import { lessonWords } from "./words.ts";

function firstLayer(build: LessonBuild): string | undefined {
  return layersOf(build)[0];
}

/** Images that share the layers of a base. */
export const base: Lesson = {
  id: "base",
  files: {
    Dockerfile: `FROM scratch AS base
COPY libraries/ /libraries/
`,
    "libraries/list.txt": `A library that many applications need. ${UNIQUE}\n`,
    "shop.txt": "The shop.\n",
    "blog.txt": "The blog.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "task",
      id: "shop",
      code: `
FROM base AS shop
COPY shop.txt /shop.txt`,
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        return has(last, "shop.txt") && firstLayer(before) === firstLayer(last);
      },
    },
    {
      kind: "task",
      id: "blog",
      code: `
FROM base AS blog
COPY blog.txt /blog.txt`,
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && has(build, "blog.txt") && !has(build, "shop.txt");
      },
    },
    {
      kind: "question",
      id: "stored",
      see: "layers",
      answers: ["once", "twice", "thrice"],
      right: () => "once",
    },
    {
      kind: "question",
      id: "pulled",
      code: `docker pull shop
docker pull blog`,
      answers: ["everything", "top", "nothing"],
      right: () => "top",
    },
    {
      kind: "task",
      id: "change",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        return state.isChanged("libraries/list.txt") && firstLayer(before) !== firstLayer(last);
      },
    },
    { kind: "question", id: "others", answers: ["changed", "unchanged", "broken"], right: () => "unchanged" },
  ],
  words: lessonWords(en, ko),
};
