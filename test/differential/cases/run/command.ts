// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells expand these, not JavaScript.
import type { Case } from "../../case.ts";
import { doc } from "../dockerfile.ts";
import { onBusybox } from "./busybox.ts";

/** Forms of the command. */
export const runCommandCases: Case[] = [
  {
    name: "run-exec-form",
    dockerfile: onBusybox('RUN ["sh", "-c", "echo $0 \\"$1\\" > /f", "zero", "two words"]'),
  },
  { name: "run-exec-form-no-shell", dockerfile: onBusybox('RUN ["touch", "/$HOME", "/a b"]') },
  {
    name: "run-shell",
    dockerfile: onBusybox('SHELL ["/bin/sh", "-ec"]', "RUN false || echo go > /f; echo $- >> /f"),
  },
  {
    name: "run-continued",
    dockerfile: onBusybox("RUN echo a > /f && \\", "    # a comment", "    echo b >> /f"),
  },
  {
    name: "run-variables-of-the-shell",
    dockerfile: onBusybox("ENV A=env", "RUN A=shell; echo $A \"$A\" '$A' ${A} \\$A > /f"),
  },
  {
    name: "run-heredoc",
    dockerfile: onBusybox("RUN <<EOF", "echo one > /f", "x=two", 'echo "$x" >> /f', "EOF"),
  },
  { name: "run-heredoc-quoted", dockerfile: onBusybox("RUN <<'EOF'", "x='a b'", 'echo "$x" > /f', "EOF") },
  {
    name: "run-heredoc-tabs",
    dockerfile: onBusybox("RUN <<-EOF", "\techo one > /f", "\t\techo two >> /f", "\tEOF"),
  },
  {
    name: "run-heredoc-script",
    dockerfile: onBusybox("RUN <<EOF", "#!/bin/cat", "text of the script", "EOF"),
  },
  {
    name: "run-heredoc-script-sh",
    dockerfile: onBusybox(
      "RUN <<EOF",
      "#!/bin/sh -e",
      'echo "$0" > /f',
      "ls -l $0 | cut -c1-10 >> /f",
      "EOF",
    ),
  },
  {
    name: "run-heredoc-for-program",
    dockerfile: onBusybox("RUN cat <<A > /a && cat <<B >> /a", "first", "A", "second", "B"),
  },
  {
    name: "run-heredoc-sh",
    dockerfile: onBusybox("RUN sh <<EOF", "echo $$ > /dev/null; echo in > /f", "EOF"),
  },
  { name: "run-onbuild", dockerfile: onBusybox("ONBUILD RUN echo never > /f") },
  {
    name: "run-exit-code",
    dockerfile: onBusybox("RUN exit 3"),
    fails: ['process "/bin/sh -c exit 3" did not complete successfully: exit code: 3'],
  },
  {
    name: "run-exit-code-of-last",
    dockerfile: onBusybox("RUN true", "RUN false; sh -c 'exit 42'", "RUN true"),
    fails: ["exit code: 42"],
  },
  {
    name: "run-killed",
    dockerfile: onBusybox("RUN (sh -c 'kill -9 $$'); exit $?"),
    fails: ["exit code: 137"],
  },
  { name: "run-command-unknown", dockerfile: onBusybox("RUN no-such-command"), fails: ["exit code: 127"] },
  {
    name: "run-program-unknown",
    dockerfile: onBusybox('RUN ["/no/such/program"]'),
    fails: ["did not complete successfully"],
  },
  {
    name: "run-not-executable",
    dockerfile: onBusybox('RUN ["/etc/passwd"]'),
    fails: ["did not complete successfully"],
  },
  {
    name: "run-no-shell",
    dockerfile: doc("FROM varve-tiny", "RUN echo hi"),
    fails: ["did not complete successfully"],
  },
];
