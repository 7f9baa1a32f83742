import { has, type Lesson, lastBuild } from "./lesson.ts";
import en from "./texts/removing.en.json";
import ko from "./texts/removing.ko.json";
import { lessonWords } from "./words.ts";

const BIG = "data/big.txt";
/** Bytes of it: small enough to be kept in the browser, large enough to be seen. */
const BIG_SIZE = 96_000;

/** Digits without order, always the same, so that compression does not make nothing of them. */
function digits(length: number): string {
  let state = 1;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return `${text.slice(0, length - 1)}\n`;
}

/** `rm` does not shrink an image. */
export const removing: Lesson = {
  id: "removing",
  files: {
    Dockerfile: `FROM scratch
COPY data/ /data/
`,
    "data/big.txt": digits(BIG_SIZE),
    "data/notes.txt": "Worth keeping.\n",
    empty: "",
  },
  steps: [
    {
      kind: "task",
      id: "build",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && has(build, BIG);
      },
    },
    { kind: "question", id: "predict", answers: ["smaller", "same", "half"], right: () => "same" },
    {
      kind: "task",
      id: "hide",
      code: `COPY empty /${BIG}`,
      check: (state) => {
        const build = lastBuild(state);
        const [first, ...later] = build?.efficiency.layers ?? [];
        return first !== undefined && later.some(({ contribution }) => contribution < -BIG_SIZE / 2);
      },
    },
    {
      kind: "question",
      id: "size",
      see: "layers",
      answers: ["smaller", "same", "larger"],
      right: (state) => {
        const [first] = state.builds;
        const last = lastBuild(state);
        if (first === undefined || last === undefined || first === last) return "larger";
        return last.image.size > first.image.size ? "larger" : "smaller";
      },
    },
    {
      kind: "task",
      id: "never",
      check: (state) => {
        const build = lastBuild(state);
        return (
          build !== undefined && has(build, "data/notes.txt") && build.efficiency.totalBytes < BIG_SIZE / 2
        );
      },
    },
  ],
  words: lessonWords(en, ko),
};
