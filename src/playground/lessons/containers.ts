import { type Lesson, lastBuild } from "./lesson.ts";
import en from "./texts/containers.en.json";
import ko from "./texts/containers.ko.json";
import { lessonWords } from "./words.ts";

/** A container starts from the image's first state, and what volumes, bind mounts and tmpfs are for. */
export const containers: Lesson = {
  id: "containers",
  files: {
    Dockerfile: `# An image with a shell, were it to be run: FROM busybox
FROM scratch
WORKDIR /work
COPY list.txt ./
`,
    "list.txt": "milk\n",
  },
  steps: [
    {
      kind: "question",
      id: "fresh",
      code: `docker run --rm shop sh -c 'echo bread >> list.txt; cat list.txt'
milk
bread
docker run --rm shop cat list.txt`,
      answers: ["milk", "both", "nothing"],
      right: () => "milk",
    },
    {
      kind: "question",
      id: "two",
      code: `docker run --rm -d shop sh -c 'echo bread > list.txt; sleep 60'
docker run --rm shop cat list.txt`,
      answers: ["milk", "bread", "waits"],
      right: () => "milk",
    },
    {
      kind: "question",
      id: "volume",
      code: `docker run --rm -v lists:/lists shop sh -c 'echo bread > /lists/a'
docker run --rm -v lists:/lists shop cat /lists/a`,
      answers: ["bread", "missing"],
      right: () => "bread",
    },
    {
      kind: "question",
      id: "bind",
      code: 'docker run --rm -v "$PWD":/work shop cat list.txt',
      answers: ["image", "machine", "both"],
      right: () => "machine",
    },
    {
      kind: "question",
      id: "tmpfs",
      code: "docker run --rm --tmpfs /scratch shop sh -c 'echo token > /scratch/t; run-the-tests'",
      answers: ["layer", "memory", "volume"],
      right: () => "memory",
    },
    {
      kind: "task",
      id: "declare",
      see: "config",
      code: "VOLUME /lists",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && Object.keys(build.image.config.Volumes ?? {}).length > 0;
      },
    },
  ],
  words: lessonWords(en, ko),
};
