import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";
import en from "./texts/settings.en.json";
import ko from "./texts/settings.ko.json";
import { lessonWords } from "./words.ts";

/** What a Dockerfile says of the containers: CMD, ENTRYPOINT, WORKDIR, USER, EXPOSE and HEALTHCHECK. */
export const settings: Lesson = {
  id: "settings",
  files: {
    Dockerfile: `FROM scratch
COPY server /bin/server
WORKDIR /srv
CMD ["/bin/server", "--port", "80"]
`,
    server: "Imagine a program here.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "replace",
      see: "config",
      code: "docker run shop /bin/server --help",
      answers: ["appended", "replaced", "error"],
      right: () => "replaced",
    },
    {
      kind: "task",
      id: "entrypoint",
      see: "config",
      code: `ENTRYPOINT ["/bin/server"]
CMD ["--port", "80"]`,
      check: (state) => {
        const { Entrypoint = [], Cmd = [] } = lastBuild(state)?.image.config ?? {};
        return Entrypoint.join(" ") === "/bin/server" && Cmd.join(" ") === "--port 80";
      },
    },
    {
      kind: "question",
      id: "arguments",
      code: "docker run shop --help",
      answers: ["help", "both", "missing"],
      right: () => "help",
    },
    {
      kind: "task",
      id: "user",
      code: "USER 1000",
      check: (state) => Boolean(lastBuild(state)?.image.config.User),
    },
    {
      kind: "task",
      id: "expose",
      see: "config",
      code: "EXPOSE 80",
      check: (state) => Object.keys(lastBuild(state)?.image.config.ExposedPorts ?? {}).length > 0,
    },
    {
      kind: "question",
      id: "reachable",
      code: "docker run shop",
      answers: ["yes", "published", "restart"],
      right: () => "published",
    },
    {
      kind: "task",
      id: "health",
      code: 'HEALTHCHECK --interval=10s CMD ["/bin/server", "--check"]',
      check: (state) => lastBuild(state)?.image.config.Healthcheck !== undefined,
    },
    {
      kind: "question",
      id: "layers",
      see: "layers",
      answers: ["one", "none", "each"],
      right: (state) => {
        const two = lastTwo(state);
        if (two === undefined) return "none";
        const [before, last] = two.map(layersOf);
        return before?.join() === last?.join() ? "none" : "one";
      },
    },
  ],
  words: lessonWords(en, ko),
};
