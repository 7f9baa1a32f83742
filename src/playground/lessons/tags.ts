import { catalogue } from "../i18n/catalogue.ts";
import { type Lesson, lastBuild, lastTwo } from "./lesson.ts";

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
    { kind: "question", id: "digest", answers: ["first", "second", "error"], right: () => "first" },
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
  words: catalogue(
    {
      title: "Tags and digests",
      question: "Does the same name always mean the same image?",
      steps: {
        build: {
          task: "Build the project. Its image gets the name that stands above the button.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after:
            "Two names lead to it: the tag, and the digest under “Image”. Remember the first letters of the digest.",
        },
        move: {
          task: "Change `page.html`, and build under the same name.",
          hint: "Open the file on the left and write something. Leave the image name as it is.",
          after: "The tag points at the new image now. It was moved, and nobody was asked.",
        },
        pull: {
          task: "Somebody pulls the image by its tag, as yesterday. What does he get?",
          hint: "A tag is a pointer.",
          after:
            "That is what tags are for: the newest of a line. It is also why two machines may run different images under one name.",
          answers: { first: "The first image", second: "The second image", error: "An error" },
        },
        digest: {
          task: "Somebody else pulls by the digest of the first image. What does he get?",
          hint: "A digest is computed from the content.",
          after:
            "The first one is still there, and no other content can ever have its digest. It stays until garbage is collected.",
          answers: { first: "The first image", second: "The second image", error: "An error" },
        },
        second: {
          task: "Give the image another tag, and build without changing a file.",
          hint: "Change what stands behind the colon of the image name, as :2, then build.",
          after:
            "The same inputs give the same digest: two tags now point at one image, and nothing was stored twice.",
        },
        production: {
          task: "A deployment must run exactly what was tested. What should it name?",
          hint: "Which of them can nobody move?",
          after:
            "People say `app:1.2`, machines say `app@sha256:…`. The same goes for the FROM line, where `FROM debian:13@sha256:…` says both.",
          answers: { latest: "app:latest", version: "app:1.2", digest: "app@sha256:…" },
        },
      },
    },
    {
      title: "태그와 다이제스트",
      question: "이름이 같으면 언제나 같은 이미지일까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. 빌드 버튼 위에 적힌 이름이 이미지에 붙습니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after:
            "이 이미지를 가리키는 이름은 둘입니다. 태그, 그리고 “이미지” 탭에 나오는 다이제스트입니다. 다이제스트의 앞 몇 글자를 기억해 두세요.",
        },
        move: {
          task: "`page.html`을 바꾸고 같은 이름으로 빌드하세요.",
          hint: "왼쪽에서 파일을 열어 아무 글이나 씁니다. 이미지 이름은 그대로 둡니다.",
          after: "이제 태그는 새 이미지를 가리킵니다. 아무에게도 묻지 않고 옮겨졌습니다.",
        },
        pull: {
          task: "누군가 어제처럼 태그로 이미지를 받습니다. 무엇을 받게 됩니까?",
          hint: "태그는 포인터입니다.",
          after:
            "태그는 가장 새로운 것을 가리키려고 씁니다. 그래서 같은 이름으로도 두 컴퓨터가 서로 다른 이미지를 실행할 수 있습니다.",
          answers: { first: "첫 번째 이미지", second: "두 번째 이미지", error: "오류" },
        },
        digest: {
          task: "다른 사람이 첫 번째 이미지의 다이제스트로 받습니다. 무엇을 받게 됩니까?",
          hint: "다이제스트는 내용으로 계산합니다.",
          after:
            "첫 번째 이미지는 아직 그대로 있으며, 다른 내용이 같은 다이제스트를 가질 수는 없습니다. 쓰이지 않는 데이터를 정리할 때까지 남아 있습니다.",
          answers: { first: "첫 번째 이미지", second: "두 번째 이미지", error: "오류" },
        },
        second: {
          task: "파일은 바꾸지 말고, 이미지에 다른 태그를 붙여 빌드하세요.",
          hint: "이미지 이름의 콜론 뒤를 :2처럼 바꾼 다음 빌드합니다.",
          after:
            "입력이 같으면 다이제스트도 같습니다. 태그 두 개가 한 이미지를 가리키며, 아무것도 두 번 저장되지 않았습니다.",
        },
        production: {
          task: "배포할 때는 테스트한 바로 그 이미지를 실행해야 합니다. 무엇으로 가리켜야 합니까?",
          hint: "아무도 옮길 수 없는 것은 무엇입니까?",
          after:
            "사람은 `app:1.2`라고 하고 기계는 `app@sha256:…`라고 합니다. FROM에서도 마찬가지이며, `FROM debian:13@sha256:…`처럼 둘을 함께 쓸 수 있습니다.",
          answers: { latest: "app:latest", version: "app:1.2", digest: "app@sha256:…" },
        },
      },
    },
  ),
};
