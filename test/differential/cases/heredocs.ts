// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case } from "../case.ts";
import { freshDir, merged } from "../newer.ts";
import { doc } from "./dockerfile.ts";

/** Files written in the Dockerfile itself. */
export const heredocCases: Case[] = [
  {
    name: "heredoc-to-file",
    dockerfile: doc(
      "FROM scratch",
      "COPY <<EOF /etc/motd",
      "hello",
      "  indented",
      "",
      "# not a comment",
      "EOF",
    ),
  },
  { name: "heredoc-to-dir", dockerfile: doc("FROM scratch", "COPY <<motd /etc/", "hello", "motd") },
  {
    name: "heredoc-several",
    dockerfile: doc("FROM scratch", "COPY <<one <<two /x/", "1", "one", "2", "two"),
  },
  {
    name: "heredoc-with-files",
    dockerfile: doc("FROM scratch", "COPY f <<two d /x/", "2", "two"),
    context: { f: "f\n", "d/g": "g\n" },
  },
  {
    name: "heredoc-expands",
    dockerfile: doc(
      "FROM scratch",
      "ARG NAME=world",
      "ENV GREETING=hello",
      "COPY <<EOF /x",
      "$GREETING ${NAME} ${MISSING:-none} $MISSING.",
      "\\$NAME \\\\ \\n \"quoted\" 'single $NAME'",
      "EOF",
    ),
  },
  {
    name: "heredoc-quoted-does-not-expand",
    dockerfile: doc(
      "FROM scratch",
      "ARG NAME=world",
      'COPY <<"EOF" /x',
      "$NAME \\$NAME \\\\",
      "EOF",
      "COPY <<'EOF' /y",
      "$NAME",
      "EOF",
    ),
  },
  {
    name: "heredoc-strips-tabs",
    dockerfile: doc("FROM scratch", "COPY <<-EOF /x", "\tone", "\t\ttwo", "\t  three", "  four", "\tEOF"),
  },
  { name: "heredoc-keeps-tabs", dockerfile: doc("FROM scratch", "COPY <<EOF /x", "\tone", "\tEOF", "EOF") },
  { name: "heredoc-empty", dockerfile: doc("FROM scratch", "COPY <<EOF /x", "EOF") },
  {
    name: "heredoc-no-continuation-inside",
    dockerfile: doc("FROM scratch", "COPY <<'EOF' /x", "one \\", "two", "EOF"),
  },
  {
    name: "heredoc-continuation-inside-expanding",
    dockerfile: doc("FROM scratch", "COPY <<EOF /x", "one \\", "two", "EOF"),
  },
  {
    name: "heredoc-chown-chmod",
    dockerfile: doc(
      "FROM varve/busybox:1",
      "COPY --chown=app:staff --chmod=755 <<EOF /home/app/run.sh",
      "#!/bin/sh",
      "echo run",
      "EOF",
    ),
  },
  {
    name: "heredoc-crlf",
    dockerfile: "FROM scratch\r\nCOPY <<EOF /x\r\none\r\ntwo\r\nEOF\r\nCOPY f /y\r\n",
    context: { f: "f\n" },
  },
  { name: "heredoc-add", dockerfile: doc("FROM scratch", "ADD <<EOF /x/y", "text", "EOF") },
  {
    name: "heredoc-link",
    newer: [merged({ moved: { "usr/bin/tool": "bin/tool" }, rootfs: { bin: freshDir } })],
    dockerfile: doc("FROM varve/busybox:1", "COPY --link <<EOF /bin/tool", "text", "EOF"),
  },
  {
    name: "heredoc-same-name-twice",
    dockerfile: doc("FROM scratch", "COPY <<a <<a /x/", "first", "a", "second", "a"),
  },
  {
    name: "heredoc-name-with-dots",
    dockerfile: doc("FROM scratch", "COPY <<nginx.conf /etc/nginx/", "events {}", "nginx.conf"),
  },
  {
    name: "heredoc-looks-like-instructions",
    dockerfile: doc(
      "FROM scratch",
      "COPY <<EOF /Dockerfile",
      "FROM busybox",
      "RUN exit 1",
      "EOF",
      "ENV AFTER=1",
    ),
  },
  { name: "heredoc-not-ascii", dockerfile: doc("FROM scratch", "COPY <<EOF /größe", "äöü 😀", "EOF") },
  {
    name: "heredoc-unterminated",
    dockerfile: doc("FROM scratch", "COPY <<EOF /x", "text"),
    fails: ["unterminated heredoc"],
  },
];
