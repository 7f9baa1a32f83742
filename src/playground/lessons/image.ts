import { catalogue } from "../i18n/catalogue.ts";
import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";

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
      answers: ["nothing", "config", "all"],
      right: (state) => {
        const two = lastTwo(state);
        if (two === undefined) return "config";
        const [before, last] = two.map(layersOf);
        return before?.join() === last?.join() ? "config" : "all";
      },
    },
  ],
  words: catalogue(
    {
      title: "What an image is made of",
      question: "Five instructions: do they make five layers?",
      steps: {
        build: {
          task: "Build the project as it is.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "What you have is an image: a few files under the digests of their contents.",
        },
        count: {
          task: "Look at the image. How many layers does it have?",
          hint: "The tab “Layers and files” of the image lists them.",
          after: "Only what changes files makes a layer: here the two `COPY` instructions.",
          answers: { "1": "One", "2": "Two", "5": "Five, one for each instruction" },
        },
        where: {
          task: "So where did `ENV` and `CMD` go?",
          hint: "Open the objects of the image one by one, and look for GREETING.",
          after:
            "The config says what a container starts with: environment, command, user, working directory. It also lists the layers, and how each came to be.",
          answers: { layer: "Into a layer", config: "Into the config", manifest: "Into the manifest" },
        },
        label: {
          task: "Add a label at the end of the Dockerfile, and build again.",
          hint: "Write the line below CMD, then build.",
          after: "It was quick: there was no layer to make.",
        },
        changed: {
          task: "Which objects are new now?",
          hint: "A manifest names its config and its layers by digest. Compare the digests of the two images.",
          after:
            "The config is another one, so its digest is another one, so the manifest that names it is another one. The layers are those of before, and nobody transfers them again.",
          answers: {
            nothing: "None: a label is no content",
            config: "The config and the manifest",
            all: "All of them",
          },
        },
      },
    },
    {
      title: "이미지는 무엇으로 이루어져 있는가",
      question: "명령어가 다섯 개이면 레이어도 다섯 개일까요?",
      steps: {
        build: {
          task: "프로젝트를 그대로 빌드하세요.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "이미지가 만들어졌습니다. 이미지는 내용의 다이제스트를 이름으로 삼는 몇 개의 파일입니다.",
        },
        count: {
          task: "이미지를 살펴보세요. 레이어가 몇 개입니까?",
          hint: "이미지의 “레이어와 파일” 탭에 레이어가 모두 나옵니다.",
          after: "파일을 바꾸는 명령어만 레이어를 만듭니다. 여기서는 `COPY` 두 개입니다.",
          answers: { "1": "한 개", "2": "두 개", "5": "명령어마다 하나씩 다섯 개" },
        },
        where: {
          task: "그러면 `ENV`와 `CMD`는 어디에 들어갔습니까?",
          hint: "이미지의 객체를 하나씩 열어 GREETING을 찾아보세요.",
          after:
            "설정에는 컨테이너가 시작할 때 쓰는 환경 변수, 명령, 사용자, 작업 디렉터리가 들어 있습니다. 레이어의 목록과 각 레이어가 만들어진 과정도 설정에 있습니다.",
          answers: { layer: "레이어", config: "설정", manifest: "매니페스트" },
        },
        label: {
          task: "Dockerfile 끝에 레이블을 추가하고 다시 빌드하세요.",
          hint: "CMD 아래에 한 줄을 쓰고 빌드합니다.",
          after: "만들 레이어가 없어서 금방 끝났습니다.",
        },
        changed: {
          task: "이제 새로 생긴 객체는 무엇입니까?",
          hint: "매니페스트는 설정과 레이어를 다이제스트로 가리킵니다. 두 이미지의 다이제스트를 비교해 보세요.",
          after:
            "설정이 바뀌면 그 다이제스트가 바뀌고, 이를 가리키는 매니페스트도 바뀝니다. 레이어는 그대로이므로 다시 전송되지 않습니다.",
          answers: {
            nothing: "없음. 레이블은 내용이 아니므로",
            config: "설정과 매니페스트",
            all: "모두",
          },
        },
      },
    },
  ),
};
