import { catalogue } from "../../i18n/catalogue.ts";
import { formatNumber } from "../../i18n/format.ts";

/** What stands around the lessons. */
export const messages = catalogue(
  {
    title: "Learn",
    intro:
      "Short lessons in the workbench. Each opens a small project of its own; yours is kept, and returns when you leave.",
    panel: "Lesson",
    all: "All lessons",
    place: (number: number, all: number) => `Lesson ${formatNumber(number)} of ${formatNumber(all)}`,
    stepOf: (number: number, all: number) => `Step ${formatNumber(number)} of ${formatNumber(all)}`,
    stepsDone: (done: number, all: number) => `${formatNumber(done)} of ${formatNumber(all)} steps`,
    notBegun: "Not started",
    finished: "Done",
    stepDone: "Done:",
    more: (count: number) =>
      count === 1 ? "One more step after this" : `${formatNumber(count)} more steps after this`,
    hint: "Hint",
    wrong: (answer: string) => `Not “${answer}”. Try again, or read the hint.`,
    see: {
      layers: "Layers and files of the last image",
      objects: "Objects of the last image",
      config: "Config and history of the last image",
    },
    imageBefore: "The image before",
    imageNow: "The image now",
    seeFirst: "Build first, so that there is an image to look at.",
    end: "You have finished this lesson.",
    next: (title: string) => `Next: ${title}`,
    restart: "Start over",
    own: "To your own project",
    unknown: "There is no such lesson",
    fault: "The image was built, but could not be looked at:",
    runInShell: "Run in the shell",
    noRunner: "This step starts a container, and this server has no runner that does.",
    noRunnerHow:
      "Start one on a Linux machine: `npm run varve -- runner --server` with the address of this page.",
    noBase: "This lesson needs the image varve/busybox, and this server has none.",
    noBaseHow:
      "Install busybox-static on the machine of the server and start it again, or run `npm run base-image` with its address.",
    wouldPrint: "With a runner you would see something like this:",
    skip: "Continue without running it",
  },
  {
    title: "배우기",
    intro:
      "직접 빌드하며 따라 하는 짧은 실습입니다. 실습마다 작은 프로젝트가 따로 열립니다. 작업하던 프로젝트는 그대로 보관되며 실습을 나가면 다시 나타납니다.",
    panel: "실습",
    all: "실습 목록",
    place: (number, all) => `실습 ${formatNumber(number)}/${formatNumber(all)}`,
    stepOf: (number, all) => `${formatNumber(all)}단계 중 ${formatNumber(number)}단계`,
    stepsDone: (done, all) => `${formatNumber(all)}단계 중 ${formatNumber(done)}단계 완료`,
    notBegun: "시작 전",
    finished: "완료",
    stepDone: "완료:",
    more: (count) => `이다음에 ${formatNumber(count)}단계가 더 있습니다`,
    hint: "힌트",
    wrong: (answer) => `정답이 아닙니다: “${answer}”. 다시 살펴보거나 힌트를 보세요.`,
    see: {
      layers: "마지막 이미지의 레이어와 파일",
      objects: "마지막 이미지의 객체",
      config: "마지막 이미지의 설정과 이력",
    },
    imageBefore: "이전 이미지",
    imageNow: "지금 이미지",
    seeFirst: "먼저 빌드하면 살펴볼 이미지가 생깁니다.",
    end: "이 실습을 모두 마쳤습니다.",
    next: (title) => `다음: ${title}`,
    restart: "처음부터 다시",
    own: "내 프로젝트로 돌아가기",
    unknown: "그런 실습은 없습니다",
    fault: "이미지는 빌드했지만 살펴볼 수 없었습니다.",
    runInShell: "셸에서 실행",
    noRunner: "이 단계에서는 컨테이너를 시작하는데, 이 서버에는 컨테이너를 시작할 러너가 없습니다.",
    noRunnerHow: "Linux 컴퓨터에서 이 페이지의 주소로 러너를 시작하세요: `npm run varve -- runner --server`",
    noBase: "이 실습에는 varve/busybox 이미지가 필요한데, 이 서버에 없습니다.",
    noBaseHow:
      "서버 컴퓨터에 busybox-static을 설치하고 서버를 다시 시작하거나, 서버 주소로 `npm run base-image`를 실행하세요.",
    wouldPrint: "러너가 있으면 다음과 비슷하게 출력됩니다.",
    skip: "실행하지 않고 계속하기",
  },
);
