// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case } from "../case.ts";
import { argHistory, exposeHistory } from "../newer.ts";

const f = { f: "f\n", g: "g\n" };

/** The Dockerfile as text: line ends, escapes, comments, directives. */
export const textCases: Case[] = [
  {
    name: "text-crlf",
    dockerfile: "FROM scratch\r\n# comment\r\nENV A=1 \\\r\n  B=2\r\nCOPY f \\\r\n  g \\\r\n  /x/\r\n",
    context: f,
  },
  { name: "text-bom", dockerfile: "\ufeffFROM scratch\nCOPY f /\n", context: f },
  { name: "text-no-final-newline", dockerfile: "FROM scratch\nCOPY f /x", context: f },
  {
    name: "text-lower-case",
    dockerfile: "from scratch as base\nenv a=b\ncopy f /x\nfrom base\nlabel c=$a\n",
    context: f,
  },
  {
    name: "text-comments-inside",
    dockerfile:
      "# first\nFROM scratch\n  # indented\nENV A=1 \\\n# inside\n  B=2 \\\n   # indented inside\n  C=3#x\n",
  },
  {
    name: "text-empty-lines-inside",
    dockerfile: "FROM scratch\nENV A=1 \\\n\n  B=2 \\\n\n\n  C=3\nCOPY f /x\n",
    context: f,
  },
  { name: "text-leading-space", dockerfile: "  FROM scratch\n\tENV  A=1\n   COPY   f\t/x  \n", context: f },
  {
    name: "text-escape-directive",
    dockerfile:
      '# escape=`\nFROM scratch\nENV A=`\n1 P=C:\\dir Q=a` b\nCOPY f `\n  /x\nLABEL v=`$A w="`"q"\n',
    context: f,
  },
  {
    name: "text-directives",
    dockerfile: "#syntax=docker/dockerfile:1\n# escape=\\\n# check=skip=all\nFROM scratch\nCOPY f /x\n",
    context: f,
  },
  {
    name: "text-directive-after-comment-is-comment",
    dockerfile: "# about this file\n# escape=`\nFROM scratch\nENV A=a\\\nb\nCOPY f /x\n",
    context: f,
  },
  {
    name: "text-continuation-keeps-indent",
    dockerfile: 'FROM scratch\nENV A="x \\\n    y"\nCMD one \\\n    two \\\n\tthree\n',
  },
  { name: "text-escaped-backslash-does-not-continue", dockerfile: "FROM scratch\nENV A=x\\\\\nENV B=y\n" },
  { name: "text-continuation-with-trailing-space", dockerfile: "FROM scratch\nENV A=1 \\  \n  B=2\n" },
  { name: "text-continuation-at-end", dockerfile: "FROM scratch\nENV A=1 \\\n" },
  {
    name: "text-json-over-lines",
    dockerfile: 'FROM scratch\nCMD ["a", \\\n  "b" \\\n]\nCOPY [ "f", \\\n "g", "/x/" ]\n',
    context: f,
  },
  {
    name: "text-long-line",
    dockerfile: `FROM scratch\nENV A=${"x".repeat(20_000)}\nLABEL ${Array.from({ length: 300 }, (_, i) => `k${i}=v${i}`).join(" \\\n  ")}\n`,
  },
  {
    name: "text-tabs-between-words",
    newer: [exposeHistory],
    dockerfile: "FROM\tscratch\tAS\ta\nCOPY\tf\tg\t/x/\nEXPOSE\t1\t2\n",
    context: f,
  },
];

/** One Dockerfile for several platforms. */
export const platformCases: Case[] = [
  {
    name: "platform-scratch-arm64",
    newer: [
      argHistory({
        "ARG TARGETARCH": "ARG TARGETARCH=arm64",
        "ARG TARGETPLATFORM": "ARG TARGETPLATFORM=linux/arm64",
        "ARG TARGETVARIANT": "ARG TARGETVARIANT=",
      }),
    ],
    platform: "linux/arm64",
    dockerfile:
      "FROM scratch\nARG TARGETARCH\nARG TARGETPLATFORM\nARG TARGETVARIANT\nLABEL a=$TARGETARCH p=$TARGETPLATFORM v=[$TARGETVARIANT]\nCOPY f-$TARGETARCH /f\n",
    context: { "f-arm64": "arm\n", "f-amd64": "amd\n" },
  },
  {
    name: "platform-variant",
    newer: [
      argHistory({
        "ARG TARGETVARIANT": "ARG TARGETVARIANT=v7",
        "ARG TARGETPLATFORM": "ARG TARGETPLATFORM=linux/arm/v7",
      }),
    ],
    platform: "linux/arm/v7",
    dockerfile:
      "FROM scratch\nARG TARGETVARIANT\nARG TARGETPLATFORM\nLABEL v=$TARGETVARIANT p=$TARGETPLATFORM\n",
  },
  {
    name: "platform-normalised",
    newer: [argHistory({ "ARG TARGETPLATFORM": "ARG TARGETPLATFORM=linux/arm64" })],
    platform: "linux/aarch64",
    dockerfile: "FROM scratch\nARG TARGETPLATFORM\nLABEL p=$TARGETPLATFORM\n",
  },
  {
    name: "platform-arm-without-variant",
    newer: [argHistory({ "ARG TARGETPLATFORM": "ARG TARGETPLATFORM=linux/arm/v7" })],
    platform: "linux/arm",
    dockerfile: "FROM scratch\nARG TARGETPLATFORM\nLABEL p=$TARGETPLATFORM\n",
  },
  {
    name: "platform-arg-not-declared",
    platform: "linux/arm64",
    dockerfile: "FROM scratch\nLABEL p=[$TARGETPLATFORM]\n",
  },
  {
    name: "platform-arg-with-default",
    platform: "linux/arm64",
    dockerfile: "FROM scratch\nARG TARGETARCH=mine\nLABEL p=$TARGETARCH\n",
  },
  {
    name: "platform-from-flag-on-scratch",
    newer: [argHistory({ "ARG TARGETARCH": "ARG TARGETARCH=amd64" })],
    dockerfile: "FROM --platform=linux/s390x scratch\nARG TARGETARCH\nLABEL a=$TARGETARCH\nCOPY f /\n",
    context: { f: "f\n" },
  },
  {
    name: "platform-index-arm64",
    platform: "linux/arm64",
    dockerfile: "FROM {{registry}}/varve/multi:1\nCOPY f /\n",
    context: { f: "f\n" },
  },
  {
    name: "platform-index-armv7",
    platform: "linux/arm/v7",
    dockerfile: "FROM {{registry}}/varve/multi:1\nCOPY f /\n",
    context: { f: "f\n" },
  },
  {
    name: "platform-from-flag",
    newer: [argHistory({ "ARG TARGETARCH": "ARG TARGETARCH=amd64" })],
    dockerfile:
      "FROM --platform=linux/arm64 {{registry}}/varve/multi:1\nARG TARGETARCH\nLABEL t=$TARGETARCH\n",
  },
  {
    name: "platform-build-stage-stays",
    platform: "linux/arm64",
    dockerfile:
      "FROM --platform=$BUILDPLATFORM {{registry}}/varve/multi:1 AS build\nARG TARGETARCH BUILDARCH\nLABEL x=$TARGETARCH\nCOPY f /out/$TARGETARCH\nFROM {{registry}}/varve/multi:1\nCOPY --from=build /arch /build-arch\nCOPY --from=build /out /out\n",
    context: { f: "f\n" },
  },
  {
    name: "platform-copy-from-image",
    platform: "linux/arm64",
    dockerfile: "FROM scratch\nCOPY --from={{registry}}/varve/multi:1 /arch /\n",
  },
];
