import { has, type Lesson, type LessonBuild, lastBuild } from "./lesson.ts";
import en from "./texts/variables.en.json";
import ko from "./texts/variables.ko.json";
import { lessonWords } from "./words.ts";

function environment({ image }: LessonBuild): string[] {
  return image.config.Env ?? [];
}

/** ARG and ENV. */
export const variables: Lesson = {
  id: "variables",
  files: {
    Dockerfile: `FROM scratch
ARG VERSION=1
COPY app.txt /app-\${VERSION}.txt
ENV MODE=production
`,
    "app.txt": "The application.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "env",
      see: "config",
      answers: ["mode", "version", "both"],
      right: (state) => {
        const build = lastBuild(state);
        if (build === undefined) return undefined;
        return environment(build).some((entry) => entry.startsWith("VERSION=")) ? "both" : "mode";
      },
    },
    {
      kind: "task",
      id: "argument",
      code: "VERSION=2",
      check: (state) => {
        const build = lastBuild(state);
        return (
          build !== undefined && state.options.buildArgs.VERSION !== undefined && !has(build, "app-1.txt")
        );
      },
    },
    {
      kind: "task",
      id: "keep",
      code: "ENV VERSION=$VERSION",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && environment(build).some((entry) => /^VERSION=.+/.test(entry));
      },
    },
    {
      kind: "question",
      id: "password",
      see: "config",
      answers: ["nowhere", "history", "layer"],
      right: (state) => {
        const build = lastBuild(state);
        if (build === undefined) return undefined;
        return build.image.history.some(({ createdBy = "" }) => /\bARG VERSION/.test(createdBy))
          ? "history"
          : "nowhere";
      },
    },
  ],
  words: lessonWords(en, ko),
};
