import { has, type Lesson, lastBuild } from "./lesson.ts";
import en from "./texts/context.en.json";
import ko from "./texts/context.ko.json";
import { lessonWords } from "./words.ts";

/** The build context and `.dockerignore`. */
export const context: Lesson = {
  id: "context",
  files: {
    Dockerfile: `FROM scratch
COPY . /app/
`,
    "src/main.js": "console.log('main');\n",
    ".env": "PASSWORD=correct-horse\n",
    "logs/debug.log": "Nothing in the image needs this.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "secret",
      see: "layers",
      answers: ["no", "yes"],
      right: (state) => {
        const build = lastBuild(state);
        return build && (has(build, "app/.env") ? "yes" : "no");
      },
    },
    {
      kind: "task",
      id: "ignore",
      code: ".env\nlogs/",
      check: ({ isSent }) => !isSent(".env") && !isSent("logs/debug.log") && isSent("src/main.js"),
    },
    {
      kind: "task",
      id: "rebuild",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && has(build, "app/src/main.js") && !has(build, "app/.env");
      },
    },
    {
      kind: "task",
      id: "log",
      check: ({ isChanged, plan, isSent }) =>
        isChanged("logs/debug.log") &&
        !isSent("logs/debug.log") &&
        plan !== undefined &&
        plan.steps.length > 0 &&
        plan.steps.every(({ state }) => state === "hit"),
    },
    { kind: "question", id: "why", answers: ["small", "sent", "name"], right: () => "sent" },
  ],
  words: lessonWords(en, ko),
};
