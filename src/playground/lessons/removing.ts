import { catalogue } from "../i18n/catalogue.ts";
import { has, type Lesson, lastBuild, lastTwo } from "./lesson.ts";

const BIG = "data/big.txt";
/** Bytes of it: small enough to be kept in the browser, large enough to be seen. */
const BIG_SIZE = 96_000;

/** Digits without order, always the same, so that compression does not make nothing of them. */
function digits(length: number): string {
  let state = 1;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return `${text.slice(0, length - 1)}\n`;
}

/** `rm` does not shrink an image. */
export const removing: Lesson = {
  id: "removing",
  files: {
    Dockerfile: `FROM scratch
COPY data/ /data/
`,
    "data/big.txt": digits(BIG_SIZE),
    "data/notes.txt": "Worth keeping.\n",
    empty: "",
  },
  steps: [
    {
      kind: "task",
      id: "build",
      check: (state) => {
        const build = lastBuild(state);
        return build !== undefined && has(build, BIG);
      },
    },
    { kind: "question", id: "predict", answers: ["smaller", "same", "half"], right: () => "same" },
    {
      kind: "task",
      id: "hide",
      code: `COPY empty /${BIG}`,
      check: (state) => {
        const build = lastBuild(state);
        const [first, ...later] = build?.efficiency.layers ?? [];
        return first !== undefined && later.some(({ contribution }) => contribution < -BIG_SIZE / 2);
      },
    },
    {
      kind: "question",
      id: "size",
      see: "layers",
      answers: ["smaller", "same", "larger"],
      right: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return "larger";
        return last.image.size > before.image.size ? "larger" : "smaller";
      },
    },
    {
      kind: "task",
      id: "never",
      check: (state) => {
        const build = lastBuild(state);
        return (
          build !== undefined && has(build, "data/notes.txt") && build.efficiency.totalBytes < BIG_SIZE / 2
        );
      },
    },
  ],
  words: catalogue(
    {
      title: "rm does not shrink an image",
      question: "A large file is deleted by a later instruction. How much smaller is the image?",
      steps: {
        build: {
          task: "Build the project. It copies `data/big.txt`, 96 kB, and a note.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "The image is about as large as what is in it.",
        },
        predict: {
          task: "A later instruction deletes `/data/big.txt`, or puts an empty file in its place. What will the image weigh?",
          hint: "Can an instruction change a layer that is already there?",
          after: "Try it.",
          answers: {
            smaller: "Almost nothing",
            same: "As much as before, or a little more",
            half: "Half as much",
          },
        },
        hide: {
          task: "Put an empty file over the large one: add this instruction at the end, and build.",
          hint: "The path of the target must be that of the large file, /data/big.txt.",
          after:
            "For a container the 96 kB are gone: the last layer takes them away from the merged tree, as `rm` would.",
          withRunner:
            "A runner is connected, so you may really delete it instead: build on an image with a shell, as `FROM busybox`, and add `RUN rm /data/big.txt`.",
        },
        size: {
          task: "Look at the three sizes of the layers. Compared with the first image, this one is …",
          hint: "The column “Stored” says what travels, “Adds” what a container sees more or less of.",
          after:
            "The first layer is as it was, 96 kB and all. The second only says that the file is another one or gone, and saying so takes room, too.",
          answers: { smaller: "smaller", same: "exactly as large", larger: "a little larger" },
        },
        never: {
          task: "Now make an image without those bytes, but with the note: see to it that no layer ever holds them.",
          hint: "Copy only `data/notes.txt`, or name the large file in a `.dockerignore`. With RUN: make and delete it within one instruction.",
          after:
            "What is not to be in an image must not get into a layer. Secrets are the same: to delete one later hides it from nobody.",
        },
      },
    },
    {
      title: "rm으로는 이미지가 작아지지 않는다",
      question: "큰 파일을 뒤따르는 명령어로 지우면 이미지는 얼마나 작아질까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. 96 kB인 `data/big.txt`와 메모 하나를 복사합니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "이미지의 크기는 들어 있는 내용의 크기와 비슷합니다.",
        },
        predict: {
          task: "뒤따르는 명령어가 `/data/big.txt`를 지우거나 그 자리에 빈 파일을 놓습니다. 이미지의 크기는 어떻게 되겠습니까?",
          hint: "이미 만들어진 레이어를 명령어가 바꿀 수 있습니까?",
          after: "직접 해 보세요.",
          answers: { smaller: "거의 0이 됨", same: "그대로이거나 조금 커짐", half: "절반이 됨" },
        },
        hide: {
          task: "큰 파일 위에 빈 파일을 덮습니다. 다음 명령어를 끝에 추가하고 빌드하세요.",
          hint: "복사할 곳의 경로가 큰 파일의 경로인 /data/big.txt와 같아야 합니다.",
          after:
            "컨테이너에서 보면 96 kB가 사라졌습니다. `rm`을 실행했을 때처럼 마지막 레이어가 합쳐진 트리에서 그만큼을 덜어 냅니다.",
          withRunner:
            "러너가 연결되어 있으므로 실제로 지워 볼 수도 있습니다. `FROM busybox`처럼 셸이 있는 이미지에서 시작하고 `RUN rm /data/big.txt`를 추가하세요.",
        },
        size: {
          task: "레이어의 세 가지 크기를 살펴보세요. 첫 이미지와 비교하면 이 이미지는 어떻습니까?",
          hint: "“저장”은 전송되는 바이트이고, “증감”은 컨테이너에서 보이는 바이트가 늘거나 준 양입니다.",
          after:
            "첫 번째 레이어는 96 kB를 담은 채 그대로입니다. 두 번째 레이어는 파일이 바뀌었거나 없어졌다고 적어 둘 뿐이며, 그렇게 적는 데에도 자리가 듭니다.",
          answers: { smaller: "더 작음", same: "크기가 똑같음", larger: "조금 더 큼" },
        },
        never: {
          task: "이제 메모는 있고 그 바이트는 없는 이미지를 만드세요. 어느 레이어에도 그 바이트가 들어가지 않아야 합니다.",
          hint: "`data/notes.txt`만 복사하거나 큰 파일을 `.dockerignore`에 적습니다. RUN이라면 한 명령어 안에서 만들고 지웁니다.",
          after:
            "이미지에 없어야 하는 것은 처음부터 레이어에 들어가지 않아야 합니다. 비밀 값도 마찬가지여서, 나중에 지워도 누구에게나 보입니다.",
        },
      },
    },
  ),
};
