import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";
import en from "./texts/platforms.en.json";
import ko from "./texts/platforms.ko.json";
import { lessonWords } from "./words.ts";

/** Where an image runs: formats, architectures, and several in one. */
export const platforms: Lesson = {
  id: "platforms",
  files: {
    Dockerfile: `FROM scratch
COPY page.html /page.html
`,
    "page.html": "<h1>The same everywhere</h1>\n",
  },
  steps: [
    { kind: "task", id: "build", see: "config", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "tools",
      code: `docker save shop -o shop.tar
podman load -i shop.tar`,
      answers: ["runs", "converted", "rebuilt"],
      right: () => "runs",
    },
    {
      kind: "task",
      id: "other",
      see: "config",
      code: "linux/arm64",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        return before.image.architecture !== last.image.architecture;
      },
    },
    {
      kind: "question",
      id: "different",
      see: "objects",
      answers: ["layers", "config", "nothing"],
      right: (state) => {
        const two = lastTwo(state);
        if (two === undefined) return "config";
        const [before, last] = two.map(layersOf);
        return before?.join() === last?.join() ? "config" : "layers";
      },
    },
    {
      kind: "question",
      id: "program",
      code: `COPY server-for-amd64 /bin/server
docker run --platform linux/arm64 shop /bin/server`,
      answers: ["runs", "refused", "translated"],
      right: () => "refused",
    },
    {
      kind: "task",
      id: "both",
      see: "objects",
      code: "linux/amd64,linux/arm64",
      check: (state) => (lastBuild(state)?.image.manifests.length ?? 0) > 1,
    },
    { kind: "question", id: "chooses", answers: ["server", "client", "both"], right: () => "client" },
  ],
  words: lessonWords(en, ko),
};
