import { catalogue } from "../i18n/catalogue.ts";
import { has, type Lesson, lastBuild } from "./lesson.ts";

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
  words: catalogue(
    {
      title: "Multi-stage builds",
      question: "How do you use a compiler without shipping it?",
      steps: {
        build: {
          task: "Build the project. Its only stage holds a compiler and the program.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "Whoever pulls the program pulls the compiler with it.",
        },
        split: {
          task: "Name the stage, and let a second one copy only the program out of it.",
          hint: "Put the text that stands here in the place of that of the Dockerfile; the gutter and the tab “Stages” show the plan.",
          after: "The tab “Stages” draws it: the second stage reads one file of the first.",
        },
        rebuild: {
          task: "Build it.",
          hint: "The last stage is what is built, unless you choose another target.",
          after: "The compiler was there during the build, and is not in the image.",
        },
        layers: {
          task: "How many layers does the image have?",
          hint: "Only the instructions of the last stage and of what it is FROM count.",
          after:
            "Layers of the first stage stay in the build cache. The image has only those of its own stage.",
          answers: { "1": "One", "2": "Two", "3": "Three" },
        },
        unneeded: {
          task: "Put a stage that nobody reads before the last one, and look at the plan.",
          hint: "Write it above the last FROM. It must not be the last stage: that one would be built.",
          after:
            "What the target does not need is not carried out. So a Dockerfile can hold tests, tools and notes as stages.",
        },
        target: {
          task: "Choose the stage `build` as the target, and build.",
          hint: "“Target” stands above the button Build.",
          after:
            "The same Dockerfile gives another image: `--target` picks the stage. Set it back when you are done.",
        },
      },
    },
    {
      title: "멀티 스테이지 빌드",
      question: "컴파일러를 쓰되 이미지에는 넣지 않으려면 어떻게 할까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. 하나뿐인 스테이지에 컴파일러와 프로그램이 함께 들어 있습니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "프로그램을 받는 사람은 컴파일러까지 받게 됩니다.",
        },
        split: {
          task: "스테이지에 이름을 붙이고, 두 번째 스테이지가 프로그램만 복사해 오게 하세요.",
          hint: "Dockerfile의 내용을 이 단계에 나온 내용으로 바꿉니다. 왼쪽 여백과 “스테이지” 탭에 계획이 나옵니다.",
          after: "“스테이지” 탭의 그림처럼 두 번째 스테이지는 첫 번째 스테이지의 파일 하나를 읽습니다.",
        },
        rebuild: {
          task: "빌드하세요.",
          hint: "다른 대상을 고르지 않으면 마지막 스테이지가 빌드됩니다.",
          after: "컴파일러는 빌드하는 동안에는 있었지만 이미지에는 없습니다.",
        },
        layers: {
          task: "이미지의 레이어는 몇 개입니까?",
          hint: "마지막 스테이지의 명령어와 그 스테이지가 FROM으로 가져온 것만 셉니다.",
          after:
            "첫 번째 스테이지의 레이어는 빌드 캐시에 남습니다. 이미지에는 자기 스테이지의 레이어만 들어갑니다.",
          answers: { "1": "한 개", "2": "두 개", "3": "세 개" },
        },
        unneeded: {
          task: "아무도 읽지 않는 스테이지를 마지막 스테이지 앞에 넣고 계획을 살펴보세요.",
          hint: "마지막 FROM 위에 씁니다. 마지막에 놓으면 그 스테이지가 빌드됩니다.",
          after:
            "대상에 필요 없는 것은 실행되지 않습니다. 그래서 Dockerfile에 테스트, 도구, 메모를 스테이지로 둘 수 있습니다.",
        },
        target: {
          task: "`build` 스테이지를 대상으로 골라 빌드하세요.",
          hint: "빌드 버튼 위에 “대상” 선택 상자가 있습니다.",
          after:
            "같은 Dockerfile에서 다른 이미지가 나옵니다. `--target`이 하는 일입니다. 끝났으면 되돌려 놓으세요.",
        },
      },
    },
  ),
};
