import { catalogue } from "../i18n/catalogue.ts";

/** Texts of the shell. The output of commands is docker's English. */
export const messages = catalogue(
  {
    tab: "Shell",
    intro: "Run docker commands on this server and its runner: docker build, run, ps, exec, images and more.",
    output: "Shell output",
    input: "Command",
    execute: "Execute",
    running: "Running …",
    stop: "Stop",
    exited: (code: number) => `Exit code ${code}`,
  },
  {
    tab: "셸",
    intro:
      "이 서버와 러너가 docker 명령을 실행합니다. docker build, run, ps, exec, images 등을 쓸 수 있습니다.",
    output: "셸의 출력",
    input: "명령",
    execute: "실행",
    running: "실행 중…",
    stop: "중지",
    exited: (code) => `종료 코드 ${code}`,
  },
);
