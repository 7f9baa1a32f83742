import { type Lesson, lastBuild, lastTwo } from "./lesson.ts";
import en from "./texts/tags.en.json";
import ko from "./texts/tags.ko.json";
import { lessonWords } from "./words.ts";

/** Tags and digests. */
export const tags: Lesson = {
  id: "tags",
  files: {
    Dockerfile: `FROM scratch
COPY page.html /page.html
`,
    "page.html": "<h1>One</h1>\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "task",
      id: "move",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        return before.tag === last.tag && before.result.descriptor.digest !== last.result.descriptor.digest;
      },
    },
    { kind: "question", id: "pull", answers: ["first", "second", "error"], right: () => "second" },
    {
      kind: "question",
      id: "digest",
      showsDigests: true,
      answers: ["first", "second", "error"],
      right: () => "first",
    },
    {
      kind: "task",
      id: "second",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        return before.tag !== last.tag && before.result.descriptor.digest === last.result.descriptor.digest;
      },
    },
    { kind: "question", id: "production", answers: ["latest", "version", "digest"], right: () => "digest" },
  ],
  words: lessonWords(en, ko),
};
