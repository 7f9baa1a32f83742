import { catalogue } from "../i18n/catalogue.ts";
import { type Lesson, lastBuild, lastTwo, layersOf } from "./lesson.ts";

/** A layer never changes. */
export const layers: Lesson = {
  id: "layers",
  files: {
    Dockerfile: `FROM scratch
COPY first.txt /first.txt
COPY second.txt /second.txt
`,
    "first.txt": "The first file.\n",
    "second.txt": "The second file.\n",
  },
  steps: [
    { kind: "task", id: "build", check: (state) => lastBuild(state) !== undefined },
    {
      kind: "question",
      id: "predict",
      answers: ["none", "one", "both"],
      right: () => "one",
    },
    {
      kind: "task",
      id: "change",
      check: (state) => {
        const [before = [], last = []] = lastTwo(state)?.map(layersOf) ?? [];
        return last.length === 2 && before[0] === last[0] && before[1] !== last[1];
      },
    },
    {
      kind: "task",
      id: "replace",
      code: "COPY second.txt /first.txt",
      check: (state) => {
        const [before, last] = lastTwo(state) ?? [];
        if (before === undefined || last === undefined) return false;
        const first = last.files.find(({ path }) => path === "first.txt");
        return layersOf(before)[0] === layersOf(last)[0] && (first?.layer ?? 0) > 0;
      },
    },
    {
      kind: "question",
      id: "old",
      see: "layers",
      answers: ["gone", "first", "cache"],
      right: () => "first",
    },
  ],
  words: catalogue(
    {
      title: "A layer never changes",
      question: "What becomes of a layer when a file in it changes?",
      steps: {
        build: {
          task: "Build the project. It makes two layers, one for each `COPY`.",
          hint: "The button Build, or Ctrl+Enter in the editor.",
          after: "Each layer has a digest: a fingerprint of every byte in it.",
        },
        predict: {
          task: "You are about to change `second.txt`. How many of the two layers will have another digest then?",
          hint: "Which of the layers has that file in it?",
          after: "See whether it is so.",
          answers: { none: "None", one: "One", both: "Both" },
        },
        change: {
          task: "Change the text of `second.txt`, and build again.",
          hint: "Open the file among the files on the left, write something, and build.",
          after:
            "The first layer is the same to the last byte. The second was not changed either: there is a new one in its place, and the old one still belongs to the old image.",
        },
        replace: {
          task: "Now replace a file that an earlier layer holds: add this instruction at the end, and build.",
          hint: "The instruction copies the second file over the first one.",
          after: "The image has three layers now, and the first one has the digest that it had before.",
        },
        old: {
          task: "Where are the bytes of the first `first.txt` now?",
          hint: "Look at the image layer by layer: choose the first one, and see what it does.",
          after:
            "Layers are only ever laid on each other. What lies above hides what lies below; what lies below is still there, and still travels when the image is pulled.",
          answers: {
            gone: "Gone: they were written over",
            first: "Still in the first layer",
            cache: "In the build cache only",
          },
        },
      },
    },
    {
      title: "레이어는 바뀌지 않는다",
      question: "레이어에 든 파일이 바뀌면 그 레이어는 어떻게 될까요?",
      steps: {
        build: {
          task: "프로젝트를 빌드하세요. `COPY`마다 하나씩 레이어 두 개가 만들어집니다.",
          hint: "빌드 버튼을 누르거나 편집기에서 Ctrl+Enter를 누릅니다.",
          after: "레이어마다 다이제스트가 있습니다. 다이제스트는 모든 바이트로 계산한 지문입니다.",
        },
        predict: {
          task: "이제 `second.txt`를 바꾸려고 합니다. 두 레이어 가운데 몇 개의 다이제스트가 달라지겠습니까?",
          hint: "그 파일은 어느 레이어에 들어 있습니까?",
          after: "정말 그런지 확인해 보세요.",
          answers: { none: "없음", one: "한 개", both: "두 개 모두" },
        },
        change: {
          task: "`second.txt`의 내용을 바꾸고 다시 빌드하세요.",
          hint: "왼쪽 파일 목록에서 파일을 열어 아무 글이나 쓴 다음 빌드합니다.",
          after:
            "첫 번째 레이어는 바이트 하나까지 그대로입니다. 두 번째 레이어도 바뀐 것이 아닙니다. 그 자리에 새 레이어가 놓였을 뿐이고, 예전 레이어는 예전 이미지에 그대로 남아 있습니다.",
        },
        replace: {
          task: "이번에는 앞선 레이어에 든 파일을 바꿔치기합니다. 다음 명령어를 끝에 추가하고 빌드하세요.",
          hint: "두 번째 파일을 첫 번째 파일 자리에 복사하는 명령어입니다.",
          after: "이미지의 레이어는 이제 세 개이고, 첫 번째 레이어의 다이제스트는 전과 같습니다.",
        },
        old: {
          task: "처음 `first.txt`의 바이트는 지금 어디에 있습니까?",
          hint: "이미지를 레이어별로 살펴보세요. 첫 번째 레이어를 골라 무엇을 하는지 확인합니다.",
          after:
            "레이어는 위에 쌓이기만 합니다. 위에 있는 것이 아래에 있는 것을 가리지만, 아래에 있는 것은 그대로 남아 이미지를 받을 때 함께 전송됩니다.",
          answers: {
            gone: "덮어써서 사라졌음",
            first: "여전히 첫 번째 레이어",
            cache: "빌드 캐시에만 있음",
          },
        },
      },
    },
  ),
};
