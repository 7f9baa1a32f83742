import { catalogue } from "../../i18n/catalogue.ts";

/** Texts of the list of builds and of the page of a build. */
export const messages = catalogue(
  {
    title: "Builds",
    none: "There are no builds yet.",
    build: (name: string) => `Build of ${name}`,
    unnamed: "an image without a name",
    started: "Started",
    time: "Time",
    status: "Status",
    name: "Image",
    id: "Build",
    idHint: "The digest of all inputs of the build: equal inputs are the same build.",
    refresh: "Refresh",
    more: "Show older builds",
  },
  {
    title: "빌드 기록",
    none: "아직 빌드한 이미지가 없습니다.",
    build: (name) => `${name} 빌드`,
    unnamed: "이름 없는 이미지",
    started: "시작",
    time: "소요 시간",
    status: "상태",
    name: "이미지",
    id: "빌드",
    idHint: "빌드 결과를 결정하는 모든 입력의 다이제스트입니다. 입력이 같으면 같은 빌드입니다.",
    refresh: "새로 고침",
    more: "이전 빌드 더 보기",
  },
);
