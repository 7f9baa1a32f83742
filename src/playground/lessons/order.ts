import { type Lesson, type LessonBuild, type LessonState, lastBuild, UNIQUE } from "./lesson.ts";
import en from "./texts/order.en.json";
import ko from "./texts/order.ko.json";
import { lessonWords } from "./words.ts";

function statusOf({ steps }: LessonBuild, kind: "libraries" | "source"): string | undefined {
  return steps.find(({ instruction }) => instruction.includes("libraries") === (kind === "libraries"))
    ?.status;
}

function isLibrariesFirst(dockerfile: string): boolean {
  const copies = dockerfile.split("\n").filter((line) => /^\s*COPY\s/i.test(line));
  return copies.length > 1 && copies[0]?.includes("libraries") === true;
}

/** What the plan says of the instruction that copies libraries, and of the one that copies the source. */
function planned({ plan }: LessonState): { libraries: string | undefined; source: string | undefined } {
  const find = (isLibraries: boolean) =>
    plan?.steps.find(({ instruction }) => instruction.includes("libraries") === isLibraries)?.state;
  return { libraries: find(true), source: find(false) };
}

/** Order decides the cache. */
export const order: Lesson = {
  id: "order",
  files: {
    Dockerfile: `FROM scratch
COPY src/ /app/
COPY libraries/ /libraries/
`,
    "src/main.js": `console.log('one'); // ${UNIQUE}\n`,
    "libraries/left.js": `export const left = 1; // ${UNIQUE}\n`,
    "libraries/right.js": "export const right = 2;\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    { kind: "question", id: "predict", answers: ["first", "second", "both"], right: () => "both" },
    {
      kind: "task",
      id: "change",
      check: (state) => {
        const { libraries } = planned(state);
        return state.isChanged("src/main.js") && libraries !== undefined && libraries !== "hit";
      },
    },
    {
      kind: "task",
      id: "move",
      code: "COPY libraries/ /libraries/\nCOPY src/ /app/",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && isLibrariesFirst(build.dockerfile);
      },
    },
    {
      kind: "task",
      id: "again",
      check: (state) => {
        const build = lastBuild(state);
        if (build === undefined || !isLibrariesFirst(build.dockerfile)) return false;
        return statusOf(build, "libraries") === "hit" && statusOf(build, "source") !== "hit";
      },
    },
    { kind: "question", id: "rule", answers: ["short", "rare", "often"], right: () => "rare" },
  ],
  words: lessonWords(en, ko),
};
