import { catalogue } from "../i18n/catalogue.ts";
import { has, type Lesson, lastBuild } from "./lesson.ts";

const LOG = "Nobody needs this in an image.\n";

/** The build context and `.dockerignore`. */
export const context: Lesson = {
  id: "context",
  files: {
    Dockerfile: `FROM scratch
COPY . /app/
`,
    "src/main.js": "console.log('main');\n",
    ".env": "PASSWORD=correct-horse\n",
    "logs/debug.log": LOG,
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
      check: ({ text, plan, isSent }) =>
        text("logs/debug.log") !== LOG &&
        !isSent("logs/debug.log") &&
        plan !== undefined &&
        plan.steps.length > 0 &&
        plan.steps.every(({ state }) => state === "hit"),
    },
    { kind: "question", id: "why", answers: ["small", "sent", "name"], right: () => "sent" },
  ],
  words: catalogue(
    {
      title: "The build context and .dockerignore",
      question: "Which of your files does a builder get to see?",
      steps: {
        build: {
          task: "Build the project. `COPY .` copies the whole build context.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after:
            "Before the first step the context travelled to the builder: below the files stands how much that was.",
        },
        secret: {
          task: "Look into the image. Is the password from `.env` in it?",
          hint: "Search for .env among the files of the image, and open it.",
          after:
            "Whoever pulls this image can read it. Nothing warned you: a dot does not hide a file from COPY.",
          answers: { no: "No: names with a dot are left out", yes: "Yes" },
        },
        ignore: {
          task: "Make a file `.dockerignore` that leaves out `.env` and the folder `logs`, but not the source.",
          hint: "New file, path .dockerignore, and a pattern a line, as it stands here.",
          after: "What is struck through now does not leave this page, whatever the Dockerfile says.",
        },
        rebuild: {
          task: "Build again.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after:
            "The new image has no password in it. The old one still has it: whoever got it must change the password.",
        },
        log: {
          task: "Write something into `logs/debug.log`, and look at the plan.",
          hint: "Open the file on the left, add a line, then look at the gutter of the Dockerfile.",
          after: "Still a hit.",
        },
        why: {
          task: "Why does the changed file not make the step miss?",
          hint: "What does the cache key of a COPY consist of?",
          after:
            "So the ignore file makes contexts smaller, keeps secrets at home, and keeps the build cache quiet.",
          answers: {
            small: "The change was too small",
            sent: "Ignored files are not part of the context, so no key depends on them",
            name: "Files that end in .log never count",
          },
        },
      },
    },
    {
      title: "빌드 컨텍스트와 .dockerignore",
      question: "빌더는 어떤 파일을 볼 수 있을까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. `COPY .`은 빌드 컨텍스트 전체를 복사합니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "첫 단계에 앞서 컨텍스트가 빌더로 전송되었습니다. 파일 목록 아래에 그 크기가 나옵니다.",
        },
        secret: {
          task: "이미지 안을 살펴보세요. `.env`의 비밀번호가 들어 있습니까?",
          hint: "이미지의 파일에서 .env를 찾아 열어 봅니다.",
          after:
            "이 이미지를 받는 사람은 누구나 읽을 수 있습니다. 경고는 없었습니다. 이름이 점으로 시작해도 COPY는 그 파일을 복사합니다.",
          answers: { no: "아니요. 점으로 시작하는 이름은 빠짐", yes: "예" },
        },
        ignore: {
          task: "`.env`와 `logs` 폴더는 빼고 소스는 남기는 `.dockerignore` 파일을 만드세요.",
          hint: "새 파일을 만들고 경로를 .dockerignore로 한 다음, 여기에 나온 것처럼 한 줄에 패턴 하나씩 씁니다.",
          after: "취소선이 그어진 파일은 Dockerfile의 내용과 상관없이 이 페이지를 벗어나지 않습니다.",
        },
        rebuild: {
          task: "다시 빌드하세요.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after:
            "새 이미지에는 비밀번호가 없습니다. 예전 이미지에는 남아 있으므로 이미 퍼졌다면 비밀번호를 바꿔야 합니다.",
        },
        log: {
          task: "`logs/debug.log`에 아무 글이나 쓰고 계획을 살펴보세요.",
          hint: "왼쪽에서 파일을 열어 한 줄을 추가한 다음 Dockerfile의 왼쪽 여백을 봅니다.",
          after: "여전히 적중입니다.",
        },
        why: {
          task: "파일이 바뀌었는데 왜 미적중이 아닙니까?",
          hint: "COPY의 캐시 키는 무엇으로 이루어집니까?",
          after:
            "이처럼 .dockerignore는 컨텍스트를 줄이고, 비밀 값이 새지 않게 하고, 빌드 캐시가 쓸데없이 깨지지 않게 합니다.",
          answers: {
            small: "너무 작은 변경이라서",
            sent: "무시된 파일은 컨텍스트에 없으므로 어떤 키에도 영향을 주지 않아서",
            name: ".log로 끝나는 파일은 원래 세지 않아서",
          },
        },
      },
    },
  ),
};
