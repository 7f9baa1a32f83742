import { has, type Lesson, lastBuild } from "./lesson.ts";
import en from "./texts/stages.en.json";
import ko from "./texts/stages.ko.json";
import { lessonWords } from "./words.ts";

const COMPILER = "usr/bin/compiler";
const PROGRAM = "app/program";

/** Multi-stage builds. */
export const stages: Lesson = {
  id: "stages",
  files: {
    Dockerfile: `FROM scratch
COPY compiler /usr/bin/compiler
COPY program /app/program
`,
    compiler: "Imagine a compiler of 500 MB here.\n".repeat(200),
    program: "Imagine the program here that it made.\n",
  },
  steps: [
    {
      kind: "task",
      id: "build",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && has(build, COMPILER);
      },
    },
    {
      kind: "task",
      id: "split",
      code: `FROM scratch AS build
COPY compiler /usr/bin/compiler
COPY program /app/program

FROM scratch
COPY --from=build /app/program /app/program`,
      check: ({ plan }) =>
        plan !== undefined && plan.stages.length > 1 && plan.edges.some(({ kind }) => kind === "copy"),
    },
    {
      kind: "task",
      id: "rebuild",
      check: (state) => {
        const build = lastBuild(state);
        return (
          build !== undefined &&
          has(build, PROGRAM) &&
          !has(build, COMPILER) &&
          /compiler/.test(build.dockerfile)
        );
      },
    },
    {
      kind: "question",
      id: "layers",
      see: "layers",
      answers: ["1", "2", "3"],
      right: (state) => {
        const build = lastBuild(state);
        return build && String(build.image.layers.length);
      },
    },
    {
      kind: "task",
      id: "unneeded",
      code: `FROM scratch AS notes
COPY . /all/`,
      check: ({ plan }) =>
        plan !== undefined && plan.stages.length > 2 && plan.stages.some(({ needed }) => !needed),
    },
    {
      kind: "task",
      id: "target",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && state.options.target !== "" && has(build, COMPILER);
      },
    },
  ],
  words: lessonWords(en, ko),
};
