/** Korean translations of CodeMirror's own texts. */
export const koreanPhrases: Readonly<Record<string, string>> = {
  // view, commands
  "Control character": "제어 문자",
  "Selection deleted": "선택 영역을 삭제했습니다",
  // autocomplete
  Completions: "자동 완성",
  // lint
  " Action: ": " 고치기: ",
  ' (access key "$")': ' (단축키 "$")',
  close: "닫기",
  // search
  Find: "찾기",
  Replace: "바꾸기",
  next: "다음",
  previous: "이전",
  all: "모두",
  "match case": "대소문자 구분",
  "by word": "단어 단위",
  regexp: "정규식",
  replace: "바꾸기",
  "replace all": "모두 바꾸기",
  "current match": "현재 일치",
  "replaced match on line $": "$행에서 바꾸었습니다",
  "replaced $ matches": "$곳을 바꾸었습니다",
  "on line": "행",
  "Go to line": "행으로 이동",
  go: "이동",
};
