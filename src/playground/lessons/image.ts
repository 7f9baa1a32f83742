import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";
import en from "./texts/image.en.json";
import ko from "./texts/image.ko.json";
import { lessonWords } from "./words.ts";

/** What an image is made of. */
export const image: Lesson = {
  id: "image",
  files: {
    Dockerfile: `FROM scratch
COPY hello.txt /hello.txt
COPY pages/ /pages/
ENV GREETING=hello
CMD ["/bin/hello"]
`,
    "hello.txt": "Hello!\n",
    "pages/first.html": "<h1>First</h1>\n",
    "pages/second.html": "<h1>Second</h1>\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "count",
      see: "layers",
      answers: ["1", "2", "5"],
      right: (state) => {
        const build = lastBuild(state);
        return build && String(build.image.layers.length);
      },
    },
    {
      kind: "question",
      id: "where",
      see: "objects",
      answers: ["layer", "config", "manifest"],
      right: () => "config",
    },
    {
      kind: "task",
      id: "label",
      code: "LABEL author=me",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && Object.keys(build.image.config.Labels ?? {}).length > 0;
      },
    },
    {
      kind: "question",
      id: "changed",
      see: "objects",
      showsDigests: true,
      answers: ["nothing", "config", "all"],
      right: (state) => {
        const two = lastTwo(state);
        if (two === undefined) return "config";
        const [before, last] = two.map(layersOf);
        return before?.join() === last?.join() ? "config" : "all";
      },
    },
  ],
  words: lessonWords(en, ko),
};
