import { catalogue } from "../i18n/catalogue.ts";
import { type Lesson, type LessonBuild, type LessonState, lastBuild } from "./lesson.ts";

const MAIN = "console.log('one');\n";

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
    "src/main.js": MAIN,
    "libraries/left.js": "export const left = 1;\n",
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
        return state.text("src/main.js") !== MAIN && libraries !== undefined && libraries !== "hit";
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
  words: catalogue(
    {
      title: "Order decides the cache",
      question: "One changed line: which instructions are carried out again?",
      steps: {
        build: {
          task: "Build the project. Build it once more if you like: every step hits.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "The gutter says of each instruction whether its layer is in the build cache.",
        },
        predict: {
          task: "You are about to change `src/main.js`. Which instructions will have to be carried out again?",
          hint: "The key of a step is made of its instruction, of the files that it reads, and of the step before it.",
          after:
            "The second one reads other files, but it stands on the first one: what stands below a miss misses, too.",
          answers: {
            first: "Only the one that copies src",
            second: "Only the one that copies libraries",
            both: "Both",
          },
        },
        change: {
          task: "Change `src/main.js`, and look at the gutter of the Dockerfile. Do not build yet.",
          hint: "Open the file on the left and write something; then open the Dockerfile again.",
          after:
            "The plan knows it before anything is built. Open a step to see which part of its key is another one.",
        },
        move: {
          task: "Swap the two `COPY` instructions, and build.",
          hint: "What changes rarely stands first.",
          after: "Both were carried out once more: for the build cache this is another sequence.",
        },
        again: {
          task: "Change `src/main.js` once more, and build.",
          hint: "The order must be that of the last step: libraries first.",
          after:
            "The libraries hit. Imagine that this instruction were one that downloads for three minutes.",
        },
        rule: {
          task: "What is the rule?",
          hint: "Think of what stands below what changes.",
          after:
            "Open a step of a plan and choose “what moving it would save” to have this worked out for your own Dockerfiles.",
          answers: {
            short: "Short instructions first",
            rare: "What changes rarely first, what changes often last",
            often: "What changes often first",
          },
        },
      },
    },
    {
      title: "순서가 빌드 캐시를 좌우한다",
      question: "한 줄을 바꾸면 어떤 명령어가 다시 실행될까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. 한 번 더 빌드하면 모든 단계가 적중합니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "편집기 왼쪽 여백에 명령어마다 레이어가 빌드 캐시에 있는지 표시됩니다.",
        },
        predict: {
          task: "이제 `src/main.js`를 바꾸려고 합니다. 어떤 명령어를 다시 실행해야 하겠습니까?",
          hint: "단계의 키는 명령어, 읽는 파일, 그리고 바로 앞 단계로 이루어집니다.",
          after:
            "두 번째 명령어는 다른 파일을 읽지만 첫 번째 단계 위에 놓입니다. 미적중 다음에 오는 단계도 모두 미적중입니다.",
          answers: {
            first: "src를 복사하는 명령어만",
            second: "libraries를 복사하는 명령어만",
            both: "둘 다",
          },
        },
        change: {
          task: "`src/main.js`를 바꾸고 Dockerfile의 왼쪽 여백을 살펴보세요. 아직 빌드하지는 마세요.",
          hint: "왼쪽에서 파일을 열어 아무 글이나 쓴 다음 Dockerfile을 다시 엽니다.",
          after: "빌드하기 전에도 계획으로 알 수 있습니다. 단계를 열면 키의 어느 부분이 달라졌는지 나옵니다.",
        },
        move: {
          task: "두 `COPY` 명령어의 순서를 바꾸고 빌드하세요.",
          hint: "드물게 바뀌는 것이 앞에 옵니다.",
          after: "둘 다 다시 실행되었습니다. 빌드 캐시가 보기에는 다른 순서이기 때문입니다.",
        },
        again: {
          task: "`src/main.js`를 한 번 더 바꾸고 빌드하세요.",
          hint: "앞 단계에서 바꾼 순서대로 libraries가 먼저 와야 합니다.",
          after: "libraries가 적중했습니다. 이 명령어가 3분 동안 내려받는 명령어였다고 생각해 보세요.",
        },
        rule: {
          task: "어떤 규칙입니까?",
          hint: "바뀐 것 다음에 무엇이 오는지 생각해 보세요.",
          after:
            "계획에서 단계를 열고 옮기면 얼마나 아끼는지 계산해 보세요. 자신의 Dockerfile로도 해 볼 수 있습니다.",
          answers: {
            short: "짧은 명령어를 먼저",
            rare: "드물게 바뀌는 것을 먼저, 자주 바뀌는 것을 나중에",
            often: "자주 바뀌는 것을 먼저",
          },
        },
      },
    },
  ),
};
