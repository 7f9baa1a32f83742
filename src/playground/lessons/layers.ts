import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";
import en from "./texts/layers.en.json";
import ko from "./texts/layers.ko.json";
import { lessonWords } from "./words.ts";

/** A layer never changes. */
export const layers: Lesson = {
  id: "layers",
  files: {
    Dockerfile: `FROM scratch
COPY first.txt /first.txt
COPY second.txt /second.txt
`,
    "first.txt": "The first file.\n",
    "second.txt": "The second file.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "predict",
      answers: ["none", "one", "both"],
      right: () => "one",
    },
    {
      kind: "task",
      id: "change",
      check: (state) => {
        const [before = [], last = []] = lastTwo(state)?.map(layersOf) ?? [];
        return last.length === 2 && before[0] === last[0] && before[1] !== last[1];
      },
    },
    {
      kind: "task",
      id: "replace",
      code: "COPY second.txt /first.txt",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        const first = last.files.find(({ path }) => path === "first.txt");
        return layersOf(before)[0] === layersOf(last)[0] && (first?.layer ?? 0) > 0;
      },
    },
    {
      kind: "question",
      id: "old",
      see: "layers",
      answers: ["gone", "first", "cache"],
      right: () => "first",
    },
  ],
  words: lessonWords(en, ko),
};
