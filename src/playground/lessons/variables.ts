import { catalogue } from "../i18n/catalogue.ts";
import { has, type Lesson, type LessonBuild, lastBuild } from "./lesson.ts";

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
  words: catalogue(
    {
      title: "ARG and ENV",
      question: "Two kinds of variables: which one does a container see?",
      steps: {
        build: {
          task: "Build the project. `ARG` and `ENV` each set a variable.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "The target of `COPY` was expanded: the image has a file `/app-1.txt`.",
        },
        env: {
          task: "Look at the config of the image. Which variables does a container start with?",
          hint: "Of the two, which one stands under “Environment”?",
          after: "`ENV` is part of the image. `ARG` is there while it is built, and gone then.",
          answers: { mode: "MODE", version: "VERSION", both: "Both" },
        },
        argument: {
          task: "Give the build argument `VERSION` another value, and build. The Dockerfile stays as it is.",
          hint: "The three dots beside the button Build open the options; build arguments are written NAME=value.",
          after:
            "What stands in the Dockerfile is a default; `--build-arg` comes before it. ENV cannot be set from outside.",
        },
        keep: {
          task: "Containers should know the version, too: add this line at the end, and build.",
          hint: "ENV takes the value of the argument along into the config.",
          after: "That is the usual pair: ARG to let the build choose, ENV to keep it.",
        },
        password: {
          task: "Suppose that an `ARG` were a password. Where could somebody read it who has only the image?",
          hint: "Look at the history of the image.",
          after:
            "Values of arguments stand in the history. For secrets there is `RUN --mount=type=secret`, which leaves nothing behind.",
          answers: {
            nowhere: "Nowhere: arguments are gone after the build",
            history: "In the history, in the config",
            layer: "In a layer",
          },
        },
      },
    },
    {
      title: "ARG와 ENV",
      question: "변수는 두 종류입니다. 컨테이너에서는 어느 쪽이 보일까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. `ARG`와 `ENV`가 변수를 하나씩 정합니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "`COPY`가 복사할 곳의 변수가 값으로 바뀌어 이미지에 `/app-1.txt` 파일이 생겼습니다.",
        },
        env: {
          task: "이미지의 설정을 살펴보세요. 컨테이너는 어떤 변수를 가지고 시작합니까?",
          hint: "둘 가운데 “환경 변수”에 나오는 것은 무엇입니까?",
          after: "`ENV`는 이미지의 일부입니다. `ARG`는 빌드하는 동안에만 있고 그 뒤에는 없습니다.",
          answers: { mode: "MODE", version: "VERSION", both: "둘 다" },
        },
        argument: {
          task: "Dockerfile은 그대로 두고, 빌드 인자 `VERSION`에 다른 값을 주어 빌드하세요.",
          hint: "빌드 버튼 옆의 점 세 개를 누르면 옵션이 열립니다. 빌드 인자는 이름=값으로 씁니다.",
          after:
            "Dockerfile에 적힌 값은 기본값이고 `--build-arg`가 우선합니다. ENV는 밖에서 바꿀 수 없습니다.",
        },
        keep: {
          task: "컨테이너도 버전을 알아야 한다고 합시다. 다음 줄을 끝에 추가하고 빌드하세요.",
          hint: "ENV가 인자의 값을 설정에 옮겨 적습니다.",
          after: "흔히 이렇게 짝지어 씁니다. ARG로 빌드할 때 고르고 ENV로 남깁니다.",
        },
        password: {
          task: "`ARG`의 값이 비밀번호라고 합시다. 이미지만 가진 사람은 그 값을 어디에서 읽을 수 있습니까?",
          hint: "이미지의 이력을 살펴보세요.",
          after:
            "인자의 값은 이력에 남습니다. 비밀 값에는 아무것도 남기지 않는 `RUN --mount=type=secret`을 쓰세요.",
          answers: {
            nowhere: "없음. 인자는 빌드가 끝나면 사라지므로",
            history: "설정의 이력",
            layer: "레이어",
          },
        },
      },
    },
  ),
};
